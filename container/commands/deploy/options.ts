/** Options of `npm run deploy`. */
import { parseArgs } from 'node:util'
import { CannotStart } from '../cannot-start.ts'

export interface Options {
  /** wrangler's name of the environment: '' is the top level of wrangler.toml, which is production. */
  env: '' | 'preview'
  /** Set to print the steps only. */
  dryRun: boolean
  /** Set to leave out types and lint. */
  skipChecks: boolean
}

export const USAGE = `npm run deploy -- [--env production|preview] [--dry-run] [--skip-checks]

  --env          which deployment of wrangler.toml (production)
  --dry-run      says what would be done; needs no account and no Docker
  --skip-checks  leaves out types and lint, as after "npm run check"

Secrets that the Worker lacks are asked for, or taken from the environment: ALLOWED_USERS, GITHUB_CLIENT_ID, …`

/** Reads the options. Throws CannotStart on an unknown one. */
export function parseOptions(args: string[]): Options {
  let values
  try {
    ;({ values } = parseArgs({
      args,
      options: {
        env: { type: 'string', short: 'e', default: 'production' },
        'dry-run': { type: 'boolean', default: false },
        'skip-checks': { type: 'boolean', default: false },
      },
    }))
  } catch (error) {
    throw new CannotStart(`${error instanceof Error ? error.message : 'Unknown option'}\n\n${USAGE}`, { cause: error })
  }
  const { env } = values
  if (env !== 'production' && env !== 'preview') {
    throw new CannotStart(`--env: wrangler.toml has no environment "${env}". Fix: --env production, or --env preview.`)
  }
  return { env: env === 'preview' ? 'preview' : '', dryRun: values['dry-run'], skipChecks: values['skip-checks'] }
}
