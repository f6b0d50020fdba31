/**
 * The Workers runtime as wrangler starts it, without the doors for developers of a Worker: routes below /cdn-cgi/ that answer without a
 * token on every port, a store of all requests, a debugger that takes connections from any web page. wrangler has no options for these.
 */
import { createRequire } from 'node:module'

const ADDRESS = '127.0.0.1'

/** The modules of a Worker. */
export interface Manifest {
  mainModule: string
  modulesRoot?: string
  modules: Record<string, { type: string; contents: unknown }>
}
/** Options that wrangler hands to Miniflare, as far as they concern us. */
export interface RuntimeOptions {
  /** Folder for objects, KV and R2. */
  resourcePersistencePath?: string
  unsafeProxySharedSecret?: string
  log?: object
  handleStructuredLogs?: (log: { message: string }) => void
  workers: {
    config: {
      env?: Record<string, { type: string; value?: unknown }>
      manifest?: Manifest | undefined
    }
    dev?: object
  }[]
}
export interface Runtime {
  setOptions(options: RuntimeOptions): Promise<void>
  /** The Worker's address. Resolves when it answers there. */
  unsafeGetDirectURL(): Promise<URL>
  dispose(): Promise<void>
}
interface MiniflareModule {
  Miniflare: new (options: RuntimeOptions) => Runtime
  Log: new (level: number) => { log(message: string): void }
}

/** Miniflare's levels of a log: all but what helps to debug it, and what went wrong. */
const [INFO, WARN] = [3, 2]

export interface Opened {
  /** 0: any free one. */
  port: number
  inspectorPort?: number | undefined
  /** The address of the Docker of its containers, null where there are none. */
  docker: string | null
}

type Comparison = (one: RuntimeOptions, other: RuntimeOptions) => boolean

export interface ClosedRuntime {
  /** The runtime that was started last. */
  last(): Runtime | undefined
  /** What wrangler asked for last. */
  asked(): RuntimeOptions | undefined
  /**
   * Starts it before wrangler asks, who then gets this one, with other options if `isSame` tells its own from these. Resolves with its
   * address; null: it did not start, and wrangler makes its own.
   */
  startAhead(options: RuntimeOptions, isVerbose: boolean, isSame: Comparison): Promise<string | null>
  /** Whether it was started ahead, and wrangler has not asked yet, or asked for the same. */
  isAsAhead(): boolean
  /** Ends one that was started ahead and that wrangler has not got. */
  dispose(): Promise<void>
}

/**
 * Makes the wrangler that is imported afterwards start the runtime closed. The Worker listens on a port of its own, rather than behind
 * wrangler's proxy and Miniflare's entry, which own paths of the Worker's. `opened` is asked when the runtime starts, `fail` is told of a
 * runtime that does not start again.
 */
export function closeRuntime(opened: () => Opened, fail: (error: unknown) => void): ClosedRuntime {
  const fromWrangler = createRequire(createRequire(import.meta.url).resolve('wrangler'))
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- its own types describe an older form of the options
  const miniflare = fromWrangler('miniflare') as MiniflareModule
  let last: Runtime | undefined
  let asked: RuntimeOptions | undefined
  let isAsAhead = false
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
      isAsAhead = false
      asked = options
      return super.setOptions(closed(options))
    }
  }
  /** One that was started ahead and that wrangler has not got, and with what. */
  let ahead: { runtime: Runtime; options: RuntimeOptions; isSame: Comparison } | undefined
  const takeAhead = (options: RuntimeOptions): Runtime | undefined => {
    if (ahead === undefined) return undefined
    const { runtime, options: given, isSame } = ahead
    ahead = undefined
    if (!isSame(given, options)) runtime.setOptions(options).catch(fail)
    return runtime
  }
  const disposeAhead = async () => {
    const runtime = ahead?.runtime
    ahead = undefined
    isAsAhead = false
    await runtime?.dispose()
  }
  const forWrangler = new Proxy(ClosedMiniflare, {
    construct(Closed, [options]: [RuntimeOptions]) {
      asked = options
      return takeAhead(options) ?? new Closed(options)
    },
  })
  fromWrangler.cache[fromWrangler.resolve('miniflare')]!.exports = { ...miniflare, Miniflare: forWrangler }

  /** Writes where wrangler would. */
  class Log extends miniflare.Log {
    override log(message: string): void {
      console.error(message)
    }
  }
  return {
    last: () => last,
    asked: () => asked,
    isAsAhead: () => isAsAhead,
    dispose: disposeAhead,
    async startAhead(options, isVerbose, isSame) {
      const runtime = new ClosedMiniflare({
        ...options,
        log: new Log(isVerbose ? INFO : WARN),
        handleStructuredLogs: ({ message }) => console.error(message),
      })
      ahead = { runtime, options, isSame }
      isAsAhead = true
      try {
        return (await runtime.unsafeGetDirectURL()).origin
      } catch {
        // wrangler meets the same cause, and has words for it.
        await disposeAhead().catch(() => {})
        return null
      }
    },
  }
}

/** Removes the buckets: Miniflare serves everything in them to everybody. Without saved disks of containers they are empty. */
function withoutBuckets({ env = {}, ...config }: RuntimeOptions['workers'][number]['config']) {
  return { ...config, env: Object.fromEntries(Object.entries(env).filter(([, { type }]) => type !== 'r2')) }
}
