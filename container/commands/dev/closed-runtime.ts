/**
 * The Workers runtime as wrangler starts it, without the doors for developers of a Worker: routes below /cdn-cgi/ that answer without a
 * token on every port, a store of all requests, a debugger that takes connections from any web page. wrangler has no options for these.
 */
import { createRequire } from 'node:module'

const ADDRESS = '127.0.0.1'

/** Options that wrangler hands to Miniflare, as far as they concern us. */
interface RuntimeOptions {
  workers: { config: { env?: Record<string, { type: string }> }; dev?: object }[]
}
interface Runtime {
  setOptions(options: RuntimeOptions): Promise<void>
  /** The Worker's address. Resolves when it answers there. */
  unsafeGetDirectURL(): Promise<URL>
}
interface MiniflareModule {
  Miniflare: new (options: RuntimeOptions) => Runtime
}

export interface Opened {
  /** 0: any free one. */
  port: number
  inspectorPort?: number | undefined
  /** The address of the Docker of its containers, null where there are none. */
  docker: string | null
}

/**
 * Makes the wrangler that is imported afterwards start the runtime closed. The Worker listens on a port of its own, rather than behind
 * wrangler's proxy and Miniflare's entry, which own paths of the Worker's. `opened` is asked when the runtime starts. Returns the runtime that
 * was started last.
 */
export function closeRuntime(opened: () => Opened): () => Runtime | undefined {
  const fromWrangler = createRequire(createRequire(import.meta.url).resolve('wrangler'))
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- its own types describe an older form of the options
  const miniflare = fromWrangler('miniflare') as MiniflareModule
  let last: Runtime | undefined
  const remember = (runtime: Runtime) => (last = runtime)

  const closed = (options: RuntimeOptions) => {
    const { port, inspectorPort, docker } = opened()
    return {
      ...options,
      unsafeTriggerHandlers: false,
      unsafeLocalExplorer: false,
      unsafeObservability: false,
      unsafeInspectDurableObjects: false,
      unsafeDevRegistryPath: undefined,
      inspectorPort,
      inspectorHost: inspectorPort === undefined ? undefined : ADDRESS,
      ...(docker !== null && { containerEngine: docker }),
      workers: options.workers.map((worker) => ({
        ...worker,
        config: docker === null ? withoutBuckets(worker.config) : worker.config,
        dev: { ...worker.dev, unsafeDirectSockets: [{ host: ADDRESS, port }] },
      })),
    }
  }
  class ClosedMiniflare extends miniflare.Miniflare {
    constructor(options: RuntimeOptions) {
      super(closed(options))
      remember(this)
    }
    override setOptions(options: RuntimeOptions): Promise<void> {
      return super.setOptions(closed(options))
    }
  }
  fromWrangler.cache[fromWrangler.resolve('miniflare')]!.exports = { ...miniflare, Miniflare: ClosedMiniflare }
  return () => last
}

/** Removes the buckets: Miniflare serves everything in them to everybody. Without saved disks of containers they are empty. */
function withoutBuckets({ env = {}, ...config }: RuntimeOptions['workers'][number]['config']) {
  return { ...config, env: Object.fromEntries(Object.entries(env).filter(([, { type }]) => type !== 'r2')) }
}
