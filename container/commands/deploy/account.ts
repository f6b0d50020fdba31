/** The Worker that is deployed, and its account. */
import { readFileSync } from 'node:fs'
import { parse } from 'smol-toml'
import * as z from 'zod'
import { CannotStart } from '../cannot-start.ts'
import { LOG_IN, stepFailed, wrangler } from './wrangler.ts'

/** wrangler inherits these from the top level, unless an environment has its own. */
const inherited = z.object({
  account_id: z.string().optional(),
  routes: z
    .array(z.union([z.string(), z.object({ pattern: z.string(), custom_domain: z.boolean().default(false) })]))
    .optional(),
})
/** Keys that an environment does not inherit. */
const environment = inherited.extend({
  vars: z.record(z.string(), z.unknown()).default({}),
  r2_buckets: z.array(z.object({ bucket_name: z.string() })).default([]),
})
const config = environment.extend({ name: z.string(), env: z.record(z.string(), environment).default({}) })

export type WorkerConfig = z.infer<typeof environment> & { name: string }

/** An environment of wrangler.toml, '' being its top level. Throws CannotStart when that is not valid. */
export function workerConfig(env: string): WorkerConfig {
  try {
    const { env: environments, ...top } = config.parse(parse(readFileSync('wrangler.toml', 'utf8')))
    if (env === '') return top
    return { ...inherited.parse(top), ...environment.parse(environments[env]), name: `${top.name}-${env}` }
  } catch (error) {
    const reason = error instanceof Error ? error.message : 'it cannot be read'
    throw new CannotStart(`wrangler.toml is not valid: ${reason}`, { cause: error })
  }
}

/** Address at which users will find the Worker, as far as it is known before the deployment. */
export function expectedOrigin({ name, vars, routes = [] }: WorkerConfig, publicUrl: string | undefined): string {
  const url = publicUrl ?? vars['PUBLIC_URL']
  if (typeof url === 'string') return new URL(url).origin
  const domain = routes.find((route) => typeof route === 'object' && route.custom_domain)
  if (typeof domain === 'object') return `https://${domain.pattern}`
  return `https://${name}.YOUR-SUBDOMAIN.workers.dev`
}

const whoami = z.object({
  email: z.string().optional(),
  accounts: z.array(z.object({ id: z.string(), name: z.string() })),
})

/** The account's name. Throws CannotStart when nobody is logged in, or when the account is not clear. */
export async function account(env: string, worker: WorkerConfig): Promise<string> {
  const { stdout, failure } = await wrangler(['whoami', '--json'], { env })
  if (failure !== null) {
    if (isLoggedOut(stdout)) throw new CannotStart(`Not logged in to Cloudflare. Fix: ${LOG_IN}`)
    throw stepFailed('Asking Cloudflare who is logged in', failure, `Fix: the network, or the login: ${LOG_IN}`)
  }
  const { accounts } = whoami.parse(JSON.parse(stdout))
  const wanted = process.env['CLOUDFLARE_ACCOUNT_ID'] || worker.account_id
  const [only] = accounts
  if (wanted !== undefined) return accounts.find(({ id }) => id === wanted)?.name ?? wanted
  if (accounts.length === 1 && only !== undefined) return only.name
  const list = accounts.map(({ id, name }) => `  ${id}  ${name}`).join('\n')
  throw new CannotStart(
    accounts.length === 0
      ? `This login or token sees no account. Fix: ${LOG_IN}`
      : `There are several accounts. Fix: say which, such as CLOUDFLARE_ACCOUNT_ID=${only?.id} npm run deploy\n${list}`,
  )
}

/** Throws CannotStart when the account has no R2: wrangler would take that for a missing permission, and go on. */
export async function assertR2(env: string): Promise<void> {
  const { failure } = await wrangler(['r2', 'bucket', 'list'], { env })
  if (failure !== null) throw stepFailed('Looking for R2', failure)
}

function isLoggedOut(stdout: string): boolean {
  try {
    return z.object({ loggedIn: z.literal(false) }).safeParse(JSON.parse(stdout)).success
  } catch {
    return false // it has said something else
  }
}
