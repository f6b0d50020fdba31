/** As much of Cloudflare's API as wrangler uses to deploy one Worker, with an account that remembers. What is not known here is 404. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'

interface Answer {
  status?: number
  result?: unknown
  /** Code of an error. */
  code?: number
}

export interface CloudflareApi extends AsyncDisposable {
  /** What makes wrangler use it. */
  env: Record<string, string>
  /** Names and values, once there is a Worker. */
  secrets: Record<string, string> | null
  /** Bindings of the newest upload, each with its type and what it leads to. */
  bindings: Record<string, unknown>[]
  /** What was made, in order, such as `kv mcp-code-mode-oauth-kv`. */
  made: string[]
  r2Enabled: boolean
}

const VERSION = 'd0000000-0000-4000-8000-000000000001'
const NOT_FOUND = { status: 404, code: 7003 }

export async function startCloudflareApi(): Promise<CloudflareApi> {
  const server = createServer((request, response) => {
    void (async () => {
      const { pathname } = new URL(request.url ?? '/', 'http://api')
      const body = await buffer(request)
      const type = request.headers['content-type'] ?? ''
      const { status = 200, result = null, code } = await answer(`${request.method} ${pathname}`, body, type)
      const errors = code === undefined ? [] : [{ code, message: `refused by the stand-in: ${pathname}` }]
      const page = { page: 1, per_page: 50, count: 1, total_count: 1, total_pages: 1 }
      const text = JSON.stringify({ success: code === undefined, errors, messages: [], result, result_info: page })
      response.writeHead(status, { 'content-type': 'application/json' }).end(text)
    })()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))

  const cloud: CloudflareApi = {
    env: {
      CLOUDFLARE_API_BASE_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      CLOUDFLARE_API_TOKEN: 'a-token-of-forty-characters-0123456789ab',
    },
    secrets: null,
    bindings: [],
    made: [],
    r2Enabled: true,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  return cloud

  async function answer(call: string, body: Buffer, type: string): Promise<Answer> {
    const json = (): Record<string, string> => JSON.parse(body.toString())
    const [, path = call] = /^\S+ \/accounts\/a1\/(.*)$/.exec(call) ?? []
    const is = (method: string, start: string) => call.startsWith(`${method} `) && path.startsWith(start)
    const make = (what: string, name: string | undefined): Answer => {
      cloud.made.push(`${what} ${name}`)
      return { result: { id: `${what}-${name}`, name } }
    }
    switch (call) {
      case 'GET /user/tokens/verify':
        return { result: { id: 't', status: 'active' } }
      case 'GET /user':
        return { result: { id: 'u', email: 'ann@example.com' } }
      case 'GET /accounts':
        return { result: [{ id: 'a1', name: 'Ann' }] }
      case 'GET /memberships':
        return { result: [{ id: 'm', account: { id: 'a1', name: 'Ann' } }] }
    }
    if (is('GET', 'r2/buckets') && !cloud.r2Enabled) return { status: 403, code: 10042 }
    if (is('GET', 'r2/buckets/')) {
      const [, bucket] = /^r2\/buckets\/(.*)$/.exec(path)!
      return cloud.made.includes(`r2 ${bucket}`) ? { result: { name: bucket } } : { status: 404, code: 10006 }
    }
    if (is('GET', 'r2/buckets')) return { result: { buckets: [] } }
    if (is('POST', 'r2/buckets')) return make('r2', json()['name'])
    if (is('GET', 'storage/kv/namespaces')) return { result: [] }
    if (is('POST', 'storage/kv/namespaces')) return make('kv', json()['title'])
    if (is('GET', 'containers/me')) {
      const limits = { disk_mb_per_deployment: 20_000, vcpu_per_deployment: 4, memory_mib_per_deployment: 12_000 }
      return { result: { external_account_id: 'a1', limits, defaults: {}, locations: [], identity: {} } }
    }
    if (is('POST', 'containers/registries')) {
      return { result: { username: 'u', password: 'p', registry_host: 'registry.cloudflare.com', account_id: 'a1' } }
    }
    if (is('GET', 'containers/applications')) return { result: [] }
    if (is('POST', 'containers/applications')) return make('containers', json()['name'])
    if (path.startsWith('workers/')) return worker(path.slice('workers/'.length), call.split(' ')[0]!, body, type)
    return NOT_FOUND
  }

  async function worker(path: string, method: string, body: Buffer, type: string): Promise<Answer> {
    if (path === 'subdomain') return { result: { subdomain: 'ann' } }
    if (method === 'PUT' && /^scripts\/[^/]+$/.test(path)) {
      const form = await new Response(new Uint8Array(body), { headers: { 'content-type': type } }).formData()
      const metadata = form.get('metadata')
      cloud.bindings = typeof metadata === 'string' ? JSON.parse(metadata).bindings : []
      cloud.secrets ??= {}
      return { result: { id: 'w', etag: 'e', startup_time_ms: 5, deployment_id: VERSION } }
    }
    if (cloud.secrets === null) return { status: 404, code: path.startsWith('services/') ? 10090 : 10007 }
    if (path.endsWith('/secrets')) {
      return { result: Object.keys(cloud.secrets).map((name) => ({ name, type: 'secret_text' })) }
    }
    if (path.endsWith('/secrets-bulk')) {
      const { secrets }: { secrets: Record<string, { text: string }> } = JSON.parse(body.toString())
      for (const [name, { text }] of Object.entries(secrets)) cloud.secrets[name] = text
      return { result: [] }
    }
    if (path.endsWith('/settings')) return { result: { bindings: cloud.bindings } }
    if (path.endsWith('/deployments')) return { result: { deployments: [] } }
    if (path.endsWith(`/versions/${VERSION}`)) {
      const objects = cloud.bindings
        .filter((binding) => binding['type'] === 'durable_object_namespace')
        .map((binding) => ({ ...binding, namespace_id: `ns-${String(binding['name'])}` }))
      return { result: { id: VERSION, resources: { bindings: objects, script: {}, script_runtime: {} }, metadata: {} } }
    }
    if (path.startsWith('services/')) {
      const script = { last_deployed_from: 'wrangler', tag: 'w' }
      return { result: { id: 'w', default_environment: { environment: 'production', script } } }
    }
    if (path.startsWith('workers/')) return { result: { id: 'w', subdomain: { enabled: false }, tags: [] } }
    return { result: {} }
  }
}
