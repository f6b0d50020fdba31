/** The bundle as it is deployed, in workerd alone: no wrangler, no proxy. Users are made at `/measurement/token?NAME` (entry.ts). */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { freePort, isHealthy } from '../support/reachable.ts'

const PROJECT = fileURLToPath(new URL('../..', import.meta.url))
const WRANGLER = join(PROJECT, 'node_modules', 'wrangler', 'bin', 'wrangler.js')
/** The program itself, as what the package's command starts would outlive that command. */
const { default: WORKERD } = createRequire(WRANGLER)('workerd') as { default: string }

export interface PlainWorkerd {
  origin: string
  process: ChildProcess
  /** A personal token of a user of this name. */
  tokenOf(name: string): Promise<string>
  stop(): Promise<void>
}

/** Bundles once into `folder`. Throws with wrangler's words. */
export function bundle(folder: string): void {
  const entry = join('test', 'bench', 'entry.ts')
  const options = ['--dry-run', '--containers-rollout=none', '--env=', `--outdir=${folder}`]
  const built = spawnSync(process.execPath, [WRANGLER, 'deploy', entry, ...options], { cwd: PROJECT })
  if (built.status !== 0) throw new Error(String(built.stderr))
}

/** Starts it on a free port, with objects of its own below `folder`, where the bundle is. `bindings` are variables of the Worker. */
export async function startPlainWorkerd(
  folder: string,
  name: string,
  bindings: Record<string, string> = {},
): Promise<PlainWorkerd> {
  const objects = join(folder, name)
  mkdirSync(objects)
  const port = await freePort()
  const file = join(folder, `${name}.capnp`)
  writeFileSync(file, config(port, objects, bindings))
  const workerd = spawn(WORKERD, ['serve', '--experimental', file], { stdio: ['ignore', 'ignore', 'inherit'] })
  const ended = once(workerd, 'exit')
  const origin = `http://127.0.0.1:${port}`
  while (!(await isHealthy(origin))) {
    if (workerd.exitCode !== null) throw new Error(`workerd ended with code ${workerd.exitCode}`)
    await setTimeout(20)
  }
  return {
    origin,
    process: workerd,
    tokenOf: async (user) => (await fetch(`${origin}/measurement/token?${user}`)).text(),
    async stop() {
      workerd.kill('SIGKILL')
      await ended
    },
  }
}

/** Without the OAuth provider's KV, which personal tokens do not need. */
function config(port: number, objects: string, bindings: Record<string, string>): string {
  const variables = { AUTH_SECRET: 'only for this measurement, no secret', ALLOWED_USERS: '*', ...bindings }
  const texts = Object.entries(variables).map(
    ([name, text]) => `    (name = "${name}", text = ${JSON.stringify(text)}),`,
  )
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "main", worker = .worker),
    (name = "objects", disk = (path = "${objects}", writable = true)),
    # The runner is on loopback.
    (name = "internet", network = (allow = ["private", "public"])),
  ],
  # The Agents SDK imports a module of the platform for e-mail, which workerd alone does not have.
  extensions = [(modules = [(
    name = "cloudflare-internal:email", internal = true, esModule = "export default { EmailMessage: class {} }",
  )])],
  sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "main")],
);
const worker :Workerd.Worker = (
  modules = [(name = "entry.js", esModule = embed "entry.js")],
  compatibilityDate = "2026-11-01",
  compatibilityFlags = ["global_fetch_strictly_public"],
  bindings = [
    (name = "SESSION", durableObjectNamespace = "Session"),
    (name = "ACCOUNT", durableObjectNamespace = "Account"),
${texts.join('\n')}
  ],
  durableObjectNamespaces = [
    (className = "Session", uniqueKey = "session", enableSql = true),
    (className = "Account", uniqueKey = "account", enableSql = true),
  ],
  durableObjectStorage = (localDisk = "objects"),
);
`
}
