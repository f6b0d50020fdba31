/** Production's Worker whose sandboxes get a faked container: processes of this machine (support/container.ts). */
import { ContainerProxy as ProductionProxy } from '../../worker/executor/egress.ts'
import { Sandbox as ProductionSandbox } from '../../worker/executor/sandbox.ts'
import type { Env } from '../../worker/env.ts'
import { CONTAINER_HOST, machineOf, withBucket, withContainer } from './support/container.ts'

export { Account, default, Session } from '../../worker/index.ts'

export class Sandbox extends ProductionSandbox {
  override startMs = machineOf(this.ctx.id.toString()).startMs
  override idleS = machineOf(this.ctx.id.toString()).idleS

  constructor(ctx: DurableObjectState<object>, env: Env) {
    super(withContainer(ctx), withBucket(env, ctx.id.toString()))
  }
}

/** Its Internet is played by the host of the containers. */
export class ContainerProxy extends ProductionProxy {
  protected override reach(request: Request): Promise<Response> {
    const { protocol, host, pathname, search } = new URL(request.url)
    return fetch(`${CONTAINER_HOST}/internet/${protocol.slice(0, -1)}/${host}${pathname}${search}`, request)
  }
}
