/** Prepares what the second start of a user's server finds, so that all of them are alike. */
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { baseInterpreter } from '../../container/commands/python.ts'
import { ensureUv } from '../../container/commands/uv.ts'

const ENVIRONMENT = fileURLToPath(new URL('../../.venv/base', import.meta.url))

export default async function setup(): Promise<void> {
  const missing = await ensureUv(baseInterpreter(ENVIRONMENT), join(ENVIRONMENT, 'bin'))
  if (missing !== null) console.log(`Packages are installed with pip: uv cannot be had (${missing}).`)
}
