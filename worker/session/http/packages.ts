/** `/packages`: what programs can import, who needs it, which run brought it; installing, removing, and a lock file. */
import * as z from 'zod'
import { Installation } from '../../mcp/installation.ts'
import { installedWords, judged, type RefusedPackage } from '../../mcp/wanted-packages.ts'
import { INSTALL_TIMEOUT_S } from '../../run/contract/bounds.ts'
import { isSandboxFailure, NoExecutor, RunnerError } from '../../run/contract/errors.ts'
import type { InstallEvent } from '../../run/contract/protocol.ts'
import type { Runner } from '../../run/contract/runner.ts'
import { isPackageName, normalName, parseRequirements } from '../../run/packages/requirement.ts'
import { requestErrorWords, sandboxFailureWords } from '../../run/words/platform.ts'
import type { Settings } from '../../settings/settings.ts'
import { runsThatInstalled } from '../store/installed-by.ts'
import type { Sql } from '../store/sql.ts'
import type { OpenStreams } from './open-streams.ts'
import { BadRequest, jsonBody } from './body.ts'
import { lockText, pinned } from './lock-file.ts'
import { readQuery } from './query.ts'
import { refusal } from './refusal.ts'
import { serverSent } from './server-sent.ts'
import type { Router } from './router.ts'

/** Most packages that the runner installs at once. */
const AT_ONCE = 50

export interface PackagesDeps {
  /** Throws NoExecutor. */
  runner: () => Runner
  settings: () => Settings
  /** Waits for a place and installs. Throws Busy, QuotaUsed, NoExecutor and RunnerError. */
  install: (specs: string[], timeoutS: number, signal: AbortSignal) => AsyncGenerator<InstallEvent>
  sql: Sql
  /** As `OpenStreams.add`, of what an installation tells. */
  opened: OpenStreams['add']
}

interface Wanted {
  batches: string[][]
  refused: RefusedPackage[]
}

type Told =
  | { type: 'install'; text: string }
  | { type: 'done'; status: 'success' | 'error'; installed: string[]; refused: RefusedPackage[]; message: string }

const BODY = z.union([z.strictObject({ packages: z.string() }), z.strictObject({ lock: z.string() })])

export function packagesRouter(deps: PackagesDeps): Router<'/packages'> {
  const { runner } = deps
  return {
    handlers: {
      '/packages': {
        GET: async ({ url }) => {
          readQuery(url, {})
          return Response.json(await listed(deps))
        },
        POST: async ({ request, caller }) => {
          const wanted = wantedBy(await jsonBody(request), deps.settings())
          return streamed(
            (signal) => installing(wanted, deps, signal),
            (end) => deps.opened(caller, end),
          )
        },
      },
      '/packages/lock': {
        GET: async ({ url }) => {
          readQuery(url, {})
          const { packages } = await runner().listPackages()
          const headers = {
            'content-type': 'text/plain; charset=utf-8',
            'content-disposition': 'attachment; filename="requirements.lock.txt"',
            'x-content-type-options': 'nosniff',
          }
          return new Response(lockText(packages), { headers })
        },
      },
      '/packages/{id}': {
        DELETE: async ({ url, id }) => {
          readQuery(url, {})
          if (!isPackageName(id)) throw new BadRequest(400, 'This is no name of a package. Next: see GET /packages.')
          const removed = await runner().removePackage(normalName(id))
          const words = `${normalName(id)} is not installed. Next: see GET /packages.`
          return removed === null ? refusal(404, words) : Response.json({ removed })
        },
      },
    },
    refused: (error) => {
      if (error instanceof NoExecutor) return refusal(409, error.message)
      if (!(error instanceof RunnerError)) return null
      const { code } = error
      if (code === 'conflict') return refusal(409, `${error.message}. Next: install another version beside it.`)
      const words = isSandboxFailure(code) ? sandboxFailureWords(code) : requestErrorWords(error, 'Nothing is known.')
      return refusal(503, words)
    },
    headers: { 'cache-control': 'no-store' },
  }
}

async function listed({ runner, sql }: PackagesDeps) {
  const { packages, cut } = await runner().listPackages()
  const [requiredBy, runs] = [new Map<string, string[]>(), runsThatInstalled(sql)]
  for (const { name, requires } of packages) {
    for (const need of requires) requiredBy.set(need, [...(requiredBy.get(need) ?? []), name])
  }
  return {
    packages: packages.map((each) => ({
      ...each,
      required_by: requiredBy.get(each.name) ?? [],
      run_id: (each.own && runs.get(`${each.name}==${each.version}`)) || null,
    })),
    cut,
  }
}

function wantedBy(body: unknown, settings: Settings): Wanted {
  const asked = BODY.safeParse(body).data
  if (asked === undefined) {
    throw new BadRequest(400, 'Nothing was installed. Next: send {"packages": "pandas>=2, httpx"} or {"lock": "…"}.')
  }
  const specs = 'lock' in asked ? pinned(asked.lock) : [asked.packages]
  const requirements = specs.flatMap((spec) => {
    const parsed = parseRequirements(spec)
    if ('refused' in parsed) throw new BadRequest(400, `Nothing was installed. ${parsed.refused}`)
    return parsed.requirements
  })
  const { requested, refused } = judged(requirements, settings)
  const batches = Array.from({ length: Math.ceil(requested.length / AT_ONCE) }, (_, index) =>
    requested.slice(index * AT_ONCE, (index + 1) * AT_ONCE),
  )
  return { batches, refused }
}

async function* installing(
  { batches, refused }: Wanted,
  { install }: PackagesDeps,
  signal: AbortSignal,
): AsyncGenerator<Told> {
  const installed: string[] = []
  let message = 'Nothing was installed.'
  let isDone = batches.length > 0
  for (const batch of batches) {
    try {
      const installation = new Installation(install(batch, INSTALL_TIMEOUT_S, signal))
      for await (const output of installation.read()) {
        const text = output.type === 'install' ? output.text : `[${output.chars} characters are left out]\n`
        yield { type: 'install', text }
      }
      const end = await installation.outcome
      installed.push(...(end?.installed ?? []))
      message = installedWords(end, batch, installation.said)
      isDone = end?.status === 'success'
    } catch (error) {
      message = requestErrorWords(error, 'Nothing was installed.')
      isDone = false
    }
    if (!isDone) break
  }
  yield { type: 'done', status: isDone && refused.length === 0 ? 'success' : 'error', installed, refused, message }
}

/** Events as they come. A reader who leaves, or may read no longer, ends the installation, which then changes nothing. */
function streamed(
  events: (signal: AbortSignal) => AsyncGenerator<Told>,
  opened: (end: () => void) => () => void,
): Response {
  const left = new AbortController()
  return serverSent(events(left.signal), (told) => `event: ${told.type}\ndata: ${JSON.stringify(told)}\n\n`, {
    leave: () => left.abort(),
    opened,
  })
}
