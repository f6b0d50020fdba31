/** Production's Worker whose sandboxes get a faked container: processes of this machine (support/container.ts). */
import { Sandbox as ProductionSandbox } from '../../worker/executor/sandbox.ts'
import type { Env } from '../../worker/env.ts'
import { machineOf, withBucket, withContainer } from './support/container.ts'

export { Account, ContainerProxy, default, Session } from '../../worker/index.ts'

export class Sandbox extends ProductionSandbox {
  override startMs = machineOf(this.ctx.id.toString()).startMs
  override idleS = machineOf(this.ctx.id.toString()).idleS

  constructor(ctx: DurableObjectState<object>, env: Env) {
    super(withContainer(ctx), withBucket(env, ctx.id.toString()))
  }
}
