/**
 * The process in which the Workers runtime of a local server is started and watched. Its order comes over the IPC channel, then the
 * variables that its parent had to wait for; when the channel closes, its parent has ended, and so does it.
 */
import { on } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { unstable_DevEnv } from 'wrangler'
import { dockerAddress, SERVER_LABEL } from '../docker.ts'
import { closeRuntime, type Opened } from './closed-runtime.ts'
import { openDockerSocket } from './docker-socket.ts'
import { type Bundle, isSame, keepStart, keptStart } from './kept-start.ts'
import type { RuntimeNews, RuntimeOrder } from './workers-runtime-process.ts'

// Databases and blobs belong to their user alone.
process.umask(0o077)
// Read by wrangler while it is loaded.
process.env['X_LOCAL_EXPLORER'] = 'false'
process.env['X_LOCAL_OBSERVABILITY'] = 'false'
process.env['WRANGLER_SEND_METRICS'] ??= 'false'
// A description of this machine's place in the world, which wrangler fetches.
process.env['CLOUDFLARE_CF_FETCH_ENABLED'] ??= 'false'

const messages = on(process, 'message')
process.once('disconnect', () => process.exit(1))
run().catch((error: unknown) => fail(error))

async function run(): Promise<void> {
  let opened: Opened | undefined
  const runtime = closeRuntime(() => {
    if (opened === undefined) throw new Error('the runtime was started without an order')
    return opened
  }, fail)
  const first = await next<RuntimeOrder>()
  // A bundle that is watched has other code than one that is not.
  const isKept = first.containers === null && first.watch
  const kept = isKept ? keptStart(first.config) : null
  const later = next<RuntimeOrder['vars']>()
  if (kept === null) await import('wrangler')
  const order = { ...first, vars: { ...first.vars, ...(await later) } }
  const { containers, port, inspectorPort } = order
  const docker = containers === null ? null : await openDockerSocket(dockerAddress(), { [SERVER_LABEL]: containers })
  opened = { port, inspectorPort, docker }

  let wrangler: unstable_DevEnv | undefined
  const end = async () => {
    await wrangler?.teardown()
    await runtime.dispose()
  }
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => void end().finally(() => process.exit(0)))
  }
  let isReady = false
  const options = kept?.(order) ?? null
  const origin = options && (await runtime.startAhead(options, order.verbose, isSame))
  if (origin !== null) {
    tell({ event: 'ready', origin })
    isReady = true
  }
  const { unstable_DevEnv: DevEnv } = await import('wrangler')
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the part of it that is asked for: nothing is proxied
  const noProxy = new NoProxy() as unknown as InstanceType<typeof DevEnv>['proxy']
  wrangler = new DevEnv({ proxyFactory: () => noProxy })
  wrangler.on('error', (error: { cause?: unknown }) => fail(error.cause ?? error))
  // wrangler has printed the problem, and waits for the next change.
  wrangler.on('buildFailed', () =>
    isReady ? tell({ event: 'buildFailed' }) : fail(new Error('the Worker cannot be built')),
  )
  wrangler.on('reloadComplete', ({ bundle }: { bundle: Bundle }) => {
    const asked = runtime.asked()
    if (isKept && asked !== undefined) keepStart(order, asked, bundle)
    // wrangler came to the same.
    if (runtime.isAsAhead()) return
    void runtime
      .last()
      ?.unsafeGetDirectURL()
      .then(({ origin }) => {
        tell(isReady ? { event: 'reloaded' } : { event: 'ready', origin })
        isReady = true
      })
      .catch(fail)
  })
  await wrangler.startWorker({
    config: order.config,
    envFiles: order.envFiles,
    bindings: Object.fromEntries(
      Object.entries(order.vars).map(([name, value]) => [name, { type: 'plain_text', value }]),
    ),
    dev: {
      remote: false,
      inspector: false,
      persist: order.state,
      watch: order.watch,
      logLevel: order.verbose ? 'log' : 'warn',
      enableContainers: containers !== null,
      containerBuildId: containers ?? '',
      dockerPath: fileURLToPath(new URL('docker.sh', import.meta.url)),
      structuredLogsHandler: ({ message }: { message: string }) => console.error(message),
    },
  })
}

/** Stands in for wrangler's proxy, which would listen, and own paths of the Worker's. */
class NoProxy {
  /** A fault that keeps the Worker from starting is also thrown to the caller of the start. */
  readonly ready = { promise: Promise.resolve(), reject() {} }
  onConfigUpdate(): void {}
  onBundleStart(): void {}
  onReloadStart(): void {}
  onReloadComplete(): void {}
  async teardown(): Promise<void> {}
}

async function next<Message>(): Promise<Message> {
  const { value } = await messages.next()
  return value[0]
}

function tell(news: RuntimeNews): void {
  process.send?.(news)
}

function fail(error: unknown): void {
  const reason = error instanceof Error ? error.message : String(error)
  if (!process.connected) process.exit(1)
  process.send?.({ event: 'failed', reason } satisfies RuntimeNews, () => process.exit(1))
}
