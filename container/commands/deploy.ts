/**
 * `npm run deploy`: everything between a clone and a running server. Each step prints its work. A failed step changes nothing more, and the
 * next run goes on there. Work that wrangler does by itself (bindings, image, migrations) is left to it.
 */
import { spawnSync } from 'node:child_process'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { CannotStart } from './cannot-start.ts'
import { account, assertR2, expectedOrigin, type WorkerConfig, workerConfig } from './deploy/account.ts'
import { type Options, parseOptions } from './deploy/options.ts'
import { missingSecrets, storeSecrets } from './deploy/secret-store.ts'
import { planSecrets } from './deploy/secrets.ts'
import { stepFailed, wrangler } from './deploy/wrangler.ts'
import { assertDocker } from './docker.ts'

const PROJECT = fileURLToPath(new URL('../..', import.meta.url))

try {
  process.chdir(PROJECT)
  await main(parseOptions(process.argv.slice(2)))
} catch (error) {
  if (!(error instanceof CannotStart)) throw error
  console.error(`\n${error.message}`)
  process.exitCode = 1
}

async function main(options: Options): Promise<void> {
  const { env, dryRun, skipChecks } = options
  const worker = workerConfig(env)
  console.log(`MCP Code Mode, ${env || 'production'}: the Worker "${worker.name}"`)

  say('1. Types and lint')
  if (skipChecks || dryRun) {
    console.log('   left out')
  } else {
    check('npm', 'run', '--silent', 'types:product')
    check('oxlint', '--type-aware', 'worker', 'container')
  }
  if (dryRun) return rehearse(env, worker)

  say('2. Docker, which builds the image of the containers')
  assertDocker('A deployment')
  say('3. Account')
  console.log(`   ${await account(env, worker)}`)
  await assertR2(env)

  say('4. Secrets')
  const secrets = await missingSecrets(env, worker)
  const names = Object.keys(secrets)
  console.log(names.length === 0 ? '   all there; they stay as they are' : `   storing ${names.join(', ')}`)
  const buckets = worker.r2_buckets.map(({ bucket_name }) => bucket_name)
  if (names.length > 0) await storeSecrets(env, secrets)
  say(`5. Image (the first time this takes minutes), KV namespace, R2 bucket ${buckets.join(', ')}, Worker, containers`)
  const targets = await act('Deploying', ['deploy', ...version()], env)
  finish(originOf(targets, worker, secrets.PUBLIC_URL), env)
}

/** Steps of `--dry-run`: all that need neither account nor Docker. */
async function rehearse(env: string, worker: WorkerConfig): Promise<void> {
  say('2. Docker, which builds the image of the containers: would be looked for')
  say('3. Account: would be asked for with "wrangler whoami"')
  const { set, ask, chooseProvider, problems } = planSecrets(new Set(Object.keys(worker.vars)), process.env)
  if (problems.length > 0) throw new CannotStart(problems.join('\n'))
  const { AUTH_SECRET: _, ...given } = set
  const asked = [...ask, ...(chooseProvider ? ['the client of GitHub or of an OpenID Connect issuer'] : [])]
  say('4. Secrets: those of these that the Worker lacks would be stored')
  console.log(`   made here, unless the environment has it: AUTH_SECRET`)
  console.log(`   from the environment: ${Object.keys(given).join(', ') || 'none'}`)
  console.log(`   asked for: ${asked.join(', ') || 'none'}`)
  say('5. Bundle, without the image')
  await act('Bundling', ['deploy', '--dry-run', '--containers-rollout=none', '--outdir', 'dist'], env)
  console.log('\nIt would be deployed now, with what is missing of KV namespace and R2 bucket. Nothing was changed.')
}

function say(step: string): void {
  console.log(`\n${step}`)
}

/** Runs one of the project's own checks. */
function check(command: string, ...args: string[]): void {
  const PATH = [process.env['PATH'], join(PROJECT, 'node_modules', '.bin')].join(delimiter)
  const { status, error } = spawnSync(command, args, { stdio: 'inherit', env: { ...process.env, PATH } })
  if (status === 0) return
  const reason = error === undefined ? `"${command} ${args.join(' ')}" found something` : `there is no "${command}"`
  throw new CannotStart(`Not deployed: ${reason}. Fix: see above; after a fresh clone: npm install.`)
}

/** Runs wrangler with its output shown. Returns the Worker's addresses after it. */
async function act(step: string, args: string[], env: string): Promise<string[]> {
  const { failure, targets } = await wrangler(args, { env, show: true })
  if (failure !== null) throw stepFailed(step, failure)
  return targets
}

/** The commit, which `wrangler versions list` then shows; nothing without git. */
function version(): string[] {
  const { status, stdout } = spawnSync('git', ['describe', '--always', '--dirty', '--exclude=*'], { encoding: 'utf8' })
  return status === 0 ? ['--tag', stdout.trim()] : []
}

function originOf(targets: string[], worker: WorkerConfig, publicUrl: string | undefined): string {
  const expected = expectedOrigin(worker, publicUrl)
  const workersDev = targets.find((target) => target.startsWith('https://'))
  return expected.endsWith('.YOUR-SUBDOMAIN.workers.dev') && workersDev !== undefined ? workersDev : expected
}

function finish(origin: string, env: string): void {
  console.log(`
Deployed: ${origin}/mcp

  Clients      claude mcp add --transport http code-mode ${origin}/mcp
  Sign-in      the callback at GitHub or your issuer has to be ${origin}/sign-in/github/callback, or …/sign-in/oidc/callback
  Smoke test   make a personal token at ${origin}/account, then: npm run smoke -- ${origin}
  Logs         npx wrangler tail --env=${env}

The first containers may take some minutes until their image is everywhere.`)
}
