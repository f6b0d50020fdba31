/** The Worker's secrets at Cloudflare: lists them, completes them, and stores the new ones. */
import * as z from 'zod'
import { CannotStart } from '../cannot-start.ts'
import { expectedOrigin, type WorkerConfig } from './account.ts'
import { ask, canAsk } from './ask.ts'
import { CHOOSE_PROVIDER, isHidden, providerHelp, question } from './questions.ts'
import { missingWords, planSecrets, problemOf, type Provider, PROVIDERS, type SecretName } from './secrets.ts'
import { stepFailed, wrangler } from './wrangler.ts'

/** wrangler's words for a Worker that was never deployed: it gives no code for this one. */
const NO_SUCH_WORKER = /^Worker "[^"]*" .*not found/

export type Secrets = Partial<Record<SecretName, string>>

/** The Worker's missing secrets: from the environment, made, or asked for. Throws CannotStart when nobody is there to be asked. */
export async function missingSecrets(env: string, worker: WorkerConfig): Promise<Secrets> {
  const known = new Set([...(await storedSecrets(env)), ...Object.keys(worker.vars)])
  const plan = planSecrets(known, process.env)
  if (plan.problems.length > 0) throw new CannotStart(plan.problems.join('\n'))
  const secrets = { ...plan.set }
  if (plan.ask.length === 0 && !plan.chooseProvider) return secrets
  if (!canAsk()) throw new CannotStart(missingWords(plan))
  for (const name of plan.ask) secrets[name] = await askFor(name)
  if (!plan.chooseProvider) return secrets
  const provider = await askForProvider()
  console.log(providerHelp(provider, expectedOrigin(worker, secrets.PUBLIC_URL)))
  for (const name of PROVIDERS[provider]) secrets[name] = await askFor(name)
  return secrets
}

/** Stores secrets, for a Worker that may not be there yet. They go through a pipe: a command line can be read by others. */
export async function storeSecrets(env: string, secrets: Secrets): Promise<void> {
  const { failure } = await wrangler(['secret', 'bulk'], { env, input: JSON.stringify(secrets) })
  if (failure !== null) throw stepFailed('Storing the secrets', failure)
}

/** The names of the Worker's secrets; none when it was never deployed. */
async function storedSecrets(env: string): Promise<string[]> {
  const { stdout, failure } = await wrangler(['secret', 'list', '--format=json'], { env })
  if (failure !== null) {
    if (NO_SUCH_WORKER.test(failure.message)) return []
    throw stepFailed('Listing the secrets', failure)
  }
  const secrets = z.array(z.object({ name: z.string() })).parse(JSON.parse(stdout))
  return secrets.map(({ name }) => name)
}

async function askFor(name: SecretName): Promise<string> {
  for (;;) {
    const answer = await ask(question(name), { hidden: isHidden(name) })
    const problem =
      answer === '' ? `${name} is needed. Ctrl-C ends this, and changes nothing.` : problemOf(name, answer)
    if (problem === null) return answer
    console.log(problem)
  }
}

async function askForProvider(): Promise<Provider> {
  for (;;) {
    const answer = await ask(CHOOSE_PROVIDER)
    if (answer === '1') return 'github'
    if (answer === '2') return 'oidc'
  }
}
