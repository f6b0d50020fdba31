/**
 * The proxy for all HTTP(S) that leaves a container, outside the program's reach. The sandbox object decides about every request, so no
 * copy of a policy can be out of date; a request without a decision goes nowhere.
 */
import { WorkerEntrypoint } from 'cloudflare:workers'
import type { Env } from '../env.ts'
import { PRIVATE_RANGES } from '../run/network/addresses.ts'
import { refusedHostWords } from '../run/network/words.ts'

/** Variable that makes the SDK's control server wait for the certificate of an intercepted network, and its child processes trust it. */
export const INTERCEPTED = 'SANDBOX_INTERCEPT_HTTPS'

/** Facts that the proxy gets with each request. */
interface ProxyProps {
  /** Id of the sandbox object. */
  containerId: string
  /** Set when the request went to a private address, whatever name it gives. */
  isPrivate: boolean
}

declare global {
  namespace Cloudflare {
    interface GlobalProps {
      mainModule: { ContainerProxy: typeof ContainerProxy }
    }
  }
}

/** The SDK finds this class by its name whenever an object finds its container running. */
export class ContainerProxy extends WorkerEntrypoint<Env, ProxyProps> {
  override async fetch(request: Request): Promise<Response> {
    const { protocol, hostname, port: given } = new URL(request.url)
    const port = Number(given) || (protocol === 'https:' ? 443 : 80)
    const { containerId, isPrivate } = this.ctx.props
    const sandboxes = this.env.SANDBOX!
    const because = await sandboxes.get(sandboxes.idFromString(containerId)).judge(hostname, port, isPrivate)
    if (because !== null) return answer(403, refusedHostWords({ host: hostname, port, because }))
    try {
      // The program follows redirects itself; each comes through here.
      return await this.reach(new Request(request, { redirect: 'manual' }))
    } catch (error) {
      console.error(JSON.stringify({ event: 'egress_failed', error: String(error) }))
      return answer(
        502,
        `${hostname} (${port}) is allowed, but could not be reached. Next: check the name, or try again.`,
      )
    }
  }

  /** The Internet, as the Worker sees it. */
  protected reach(request: Request): Promise<Response> {
    return fetch(request)
  }
}

/**
 * Leads a container's traffic here: all HTTP and HTTPS, or, for a container with the Internet, HTTP to private addresses. Holds for one
 * life of the container, and may be repeated at any time.
 */
export async function intercept(
  ctx: DurableObjectState<object>,
  container: Container,
  internet: boolean,
): Promise<void> {
  const led = (isPrivate: boolean) =>
    ctx.exports.ContainerProxy({ props: { containerId: ctx.id.toString(), isPrivate } })
  if (internet) {
    const toPrivate = led(true)
    await Promise.all(PRIVATE_RANGES.map((range) => container.interceptOutboundHttp(range, toPrivate)))
    return
  }
  const anywhere = led(false)
  await container.interceptOutboundHttps('*', anywhere)
  await container.interceptAllOutboundHttp(anywhere)
}

function answer(status: number, text: string): Response {
  return new Response(`${text}\n`, { status, headers: { 'content-type': 'text/plain; charset=utf-8' } })
}
