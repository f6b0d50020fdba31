/** What is there: asked over HTTP with each user's token, and read from the folders of a server. */
import { cpSync, existsSync, globSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { type Call, type Found, type Receipt, settingKey, type Violation } from './history.ts'
import type { User } from './load.ts'

const NOTHING_RAN = /nothing of (it|the program) ran/i

export interface Asked {
  origin: string
  users: User[]
}

async function get({ origin, users }: Asked, user: number, path: string): Promise<Response> {
  const headers = { authorization: `Bearer ${users[user]!.token}` }
  return fetch(origin + path, { headers, signal: AbortSignal.timeout(60_000) })
}

/** The receipts of every run whose program has this call's mark. */
export async function receiptsOf(asked: Asked, { user, mark }: Call): Promise<Receipt[]> {
  const response = await get(asked, user, `/runs?search=${mark}`)
  if (!response.ok) throw new Error(`${response.status} ${await response.text()}`)
  const { runs } = (await response.json()) as { runs: { run_id: string }[] }
  return Promise.all(runs.map(({ run_id: id }) => receiptOf(asked, user, id)))
}

export async function receiptOf(asked: Asked, user: number, id: string): Promise<Receipt> {
  const { status, outcome } = (await (await get(asked, user, `/runs/${id}`)).json()) as {
    status: string
    outcome: Outcome | null
  }
  const words = outcome?.error ? `${outcome.error.type}: ${outcome.error.message}` : 'no error'
  const nothingRan = NOTHING_RAN.test(words)
  return { id, status, nothingRan, words, restoredFrom: restoredFrom(outcome), at: Date.now() }
}

interface Outcome {
  error: { type: string; message: string } | null
  restored_from?: string
  hints: string[]
}

function restoredFrom(outcome: Outcome | null): number | null {
  if (outcome?.restored_from !== undefined) return Date.parse(outcome.restored_from)
  return outcome?.hints.some((hint) => hint.startsWith('This is a new sandbox')) ? 0 : null
}

/** Learnings, files and settings. */
export async function findWrites(asked: Asked, calls: Call[]): Promise<Omit<Found, 'receipts' | 'marks' | 'news'>> {
  const learnings = new Map<string, number>()
  const files = new Map<string, string | null>()
  const settings = new Map<string, string>()
  for (const user of asked.users.keys()) {
    const exported = (await (await get(asked, user, '/learnings/export')).json()) as {
      learnings: { problem: string }[]
    }
    for (const { problem } of exported.learnings) {
      const mark = /TrustError: (\w+)/.exec(problem)?.[1]
      if (mark !== undefined) learnings.set(mark, (learnings.get(mark) ?? 0) + 1)
    }
    const config = (await (await get(asked, user, '/config')).json()) as Record<string, unknown>
    for (const [name, value] of Object.entries(config)) settings.set(settingKey(user, name), String(value))
  }
  for (const { kind, user, name } of calls) {
    if (kind !== 'upload') continue
    const response = await get(asked, user, `/files/${name}`)
    const text = await response.text()
    files.set(name!, response.ok ? text : null)
  }
  return { learnings, files, settings }
}

/** Every database below the folder that is not whole. Copies are checked, as even reading changes a database's other files. */
export function damagedDatabases(state: string): { databases: number; violations: Violation[] } {
  const files = globSync('**/*.sqlite', { cwd: state })
  const violations = files.flatMap((file): Violation[] => {
    const copies = mkdtempSync(join(tmpdir(), 'trust-database-'))
    try {
      for (const suffix of ['', '-wal']) {
        const source = join(state, file) + suffix
        if (existsSync(source)) cpSync(source, join(copies, basename(file) + suffix))
      }
      const database = new DatabaseSync(join(copies, basename(file)))
      const rows = database.prepare('PRAGMA integrity_check').all()
      database.close()
      const says = rows.map((row) => Object.values(row)[0]).join('; ')
      return says === 'ok' ? [] : [{ kind: 'database', what: `${dirname(file)}: ${says}` }]
    } catch (error) {
      return [{ kind: 'database', what: `${file}: ${String(error)}` }]
    } finally {
      rmSync(copies, { recursive: true, force: true })
    }
  })
  return { databases: files.length, violations }
}
