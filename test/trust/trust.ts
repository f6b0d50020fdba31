/**
 * Harms the processes of a local server, its containers and its clients under the load of several users, and looks whether everybody was
 * told the truth: nothing acknowledged is lost or there twice, no program runs twice, every receipt is true, nobody sees what is another's,
 * databases are whole, and nothing is left behind. A file that went with a container is not lost when its user was told.
 */
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { startGitHub } from '../support/github.ts'
import { descriptorsOf, processesOf } from '../support/processes.ts'
import { hostAddress, leftInDocker, sendToContainer } from './containers.ts'
import { type Asked, damagedDatabases, findWrites, receiptOf, receiptsOf } from './found.ts'
import { type Call, contradictions, type News, newsIn, type Receipt, type Violation } from './history.ts'
import { type Load, startLoad, type User } from './load.ts'
import { startMarks } from './marks.ts'
import { type Kill, planOf, type Target } from './plan.ts'
import { type Server, signIn, startServer } from './server.ts'
import { serverProcesses, type ServerTarget } from './targets.ts'

const USERS = 3
/** A kill waits so long for a process of its kind; then it is left out. */
const TARGET_PATIENCE_MS = 5_000
const TARGET_CHECK_MS = 20
/** Until the server must have answered somebody again after it was harmed. */
const RECOVERY_MS = 60_000
const SETTLE_EVERY_MS = 2_000
const SETTLE_PATIENCE_MS = 120_000
/** Until processes and descriptors are what they were before. */
const QUIET_PATIENCE_MS = 90_000
/** Connections that are kept open for the next request. */
const MORE_DESCRIPTORS = 16
/** Readers of programs that are kept for the next ones, beyond the first. */
const MORE_CHECKERS = 1

export interface Report {
  seed: number
  seconds: number
  /** By target and signal. */
  kills: Map<string, number>
  leftOut: number
  /** A line for each, with its time. */
  log: string[]
  starts: number
  databases: number
  calls: Call[]
  violations: Violation[]
}

interface Options {
  kills: number
  seed: number
  /** Gets a line now and then. */
  say?: (line: string) => void
  /** The one kind of process that is harmed. */
  only?: Target | undefined
  /** Programs run in containers. */
  containers?: boolean
  /** Ends the kills early; what was done until then is looked at. */
  enough?: AbortSignal
}

export async function trust({
  kills,
  seed,
  say = () => {},
  only,
  containers = false,
  enough,
}: Options): Promise<Report> {
  const began = Date.now()
  const folder = mkdtempSync(join(tmpdir(), 'trust-'))
  const temporary = join(folder, 'tmp')
  mkdirSync(temporary)
  const marks = await startMarks(containers ? await hostAddress() : '127.0.0.1')
  const github = await startGitHub()
  const server = await startServer(github, temporary, containers)
  let load: Load | undefined
  try {
    const users: User[] = []
    for (let number = 0; number < USERS; number++) users.push(await signIn(server.origin, github, number))
    const asked: Asked = { origin: server.origin, users }
    await warm(asked)
    const before = await countsOf(server)

    load = startLoad(server.origin, users, marks.address, seed)
    const receipts = new Map<string, Receipt[]>()
    const settling = settle(asked, load, receipts)
    const harmed = await harm(planOf(seed, kills, only, containers), server, load, say, enough)
    await server.answers()
    await load.stop()
    say(`${load.calls.size} calls are over; looking at what is there`)
    await server.answers()
    await settling.rest()
    // The first run in a new container says what became of the files.
    const last = await warm(asked)
    const calls = [...load.calls.values()]
    const news = [...calls.flatMap(({ user, mark }) => newsIn(user, receipts.get(mark) ?? [])), ...last]
    const writes = await findWrites(asked, calls)
    const violations = [
      ...contradictions(calls, { ...writes, receipts, marks: marks.marks, news }),
      ...load.foreign,
      ...server.violations,
      ...(await notQuiet(server, before)),
    ]
    await server.end()
    const { databases, violations: damaged } = damagedDatabases(server.state)
    violations.push(...damaged, ...leftBehind([temporary, join(server.state, 'tmp')], [folder, server.state]))
    if (containers) {
      const left = await leftInDocker(server.state)
      violations.push(...left.map((what): Violation => ({ kind: 'left behind', what })))
    }
    const seconds = Math.round((Date.now() - began) / 1000)
    return { seed, seconds, ...harmed, starts: server.starts(), databases, calls, violations }
  } finally {
    await load?.stop()
    await server.end()
    await server.remove()
    await github.stop()
    marks.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

/** A program of each user, so that what is kept ready for them is there; and what the users are told of their files. */
async function warm(asked: Asked): Promise<News[]> {
  const { origin, users } = asked
  const news: News[] = []
  for (const [user, { token }] of users.entries()) {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
    const response = await fetch(`${origin}/runs`, { method: 'POST', headers, body: '{"code":"print(1)"}' })
    const events = await response.text()
    if (!events.includes('"status":"success"')) throw new Error(`the first program failed: ${events}`)
    const id = response.headers.get('location')!.split('/').at(-1)!
    news.push(...newsIn(user, [await receiptOf(asked, user, id)]))
  }
  await setTimeout(SETTLE_EVERY_MS)
  return news
}

async function harm(plan: Kill[], server: Server, load: Load, say: (line: string) => void, enough?: AbortSignal) {
  const kills = new Map<string, number>()
  const stopped: Promise<unknown>[] = []
  const log: string[] = []
  let leftOut = 0
  for (const [i, kill] of plan.entries()) {
    if (enough?.aborted) break
    await setTimeout(kill.pauseMs)
    await recovered(server, load)
    const found = await victim(kill, server, load)
    if (found === null || !(await found.send(kill.signal))) leftOut++
    else {
      const key = `${kill.target}, ${kill.signal}`
      kills.set(key, (kills.get(key) ?? 0) + 1)
      log.push(
        `${new Date().toISOString()} ${key} ${kill.signal === 'SIGSTOP' ? `for ${kill.stopMs} ms ` : ''}to ${found.name}`,
      )
      if (kill.signal === 'SIGSTOP') stopped.push(setTimeout(kill.stopMs).then(() => found.send('SIGCONT')))
    }
    if ((i + 1) % 25 === 0) say(`${i + 1} of ${plan.length} kills, ${load.acknowledged()} calls acknowledged`)
  }
  await Promise.all(stopped)
  return { kills, leftOut, log }
}

/** The next kill comes when the last one's harm is over: the server answers, and has done something for somebody. */
async function recovered(server: Server, load: Load): Promise<void> {
  await server.answers()
  const before = load.acknowledged()
  for (const end = Date.now() + RECOVERY_MS; load.acknowledged() === before && Date.now() < end;) {
    await setTimeout(TARGET_CHECK_MS)
  }
}

interface Victim {
  name: string
  /** Whether it was there still. */
  send(signal: Kill['signal'] | 'SIGCONT'): boolean | Promise<boolean>
}

async function victim({ target, pick }: Kill, server: Server, load: Load): Promise<Victim | null> {
  for (const end = Date.now() + TARGET_PATIENCE_MS; Date.now() < end; await setTimeout(TARGET_CHECK_MS)) {
    const all = await victims(target, server, load)
    if (all.length > 0) return all[Math.floor(pick * all.length)]!
  }
  return null
}

async function victims(target: Target, server: Server, load: Load): Promise<Victim[]> {
  if (target === 'container') {
    return (await server.containers()).map(({ name }) => ({ name, send: (signal) => sendToContainer(name, signal) }))
  }
  const pids = target === 'client' ? load.pids() : ((await processesByTarget(server)).get(target) ?? [])
  return pids.map((pid) => ({ name: String(pid), send: (signal) => send(pid, signal) }))
}

async function processesByTarget(server: Server) {
  const containers = await server.containers()
  const top = server.top()
  return top === null
    ? new Map<ServerTarget, number[]>()
    : serverProcesses(
        top,
        containers.map(({ pid }) => pid),
      )
}

function send(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal)
  } catch {
    return false // it has ended meanwhile
  }
}

/** Looks up the receipt of each run that is over for its client, as a history keeps the newest 200. */
function settle(asked: Asked, load: Load, receipts: Map<string, Receipt[]>) {
  let isOver = false
  const open = () => {
    const alive = new Set(load.pids())
    return [...load.calls.values()].filter(
      ({ kind, mark, end, began }) =>
        kind === 'run' && !receipts.has(mark) && (end !== null || alive.size === 0 || Date.now() - began > 30_000),
    )
  }
  const look = async () => {
    for (const call of open()) {
      const found = await receiptsOf(asked, call)
      // Without an acknowledgement it may be on its way still.
      if (found.length === 0 && !isOver) continue
      if (found.some(({ status }) => status === 'queued' || status === 'running')) continue
      receipts.set(call.mark, found)
    }
  }
  const first = (async () => {
    while (!isOver && load.pids().length > 0) {
      await setTimeout(SETTLE_EVERY_MS)
      await look().catch(() => {}) // the server is starting
    }
  })()
  return {
    /** Resolves when each run has a receipt that says how it ended, or after two minutes; then also unfinished ones count. */
    async rest(): Promise<void> {
      isOver = true
      await first
      for (const end = Date.now() + SETTLE_PATIENCE_MS; open().length > 0 && Date.now() < end;) {
        await look()
        await setTimeout(TARGET_CHECK_MS)
      }
      for (const call of open()) receipts.set(call.mark, await receiptsOf(asked, call))
    },
  }
}

/** Processes by kind, and descriptors of those that live as long as the server. */
async function countsOf(server: Server): Promise<Map<string, number>> {
  const counts = new Map<string, number>()
  for (const [target, pids] of await processesByTarget(server)) {
    counts.set(`processes: ${target}`, pids.length)
    if (target === 'runtime' || target === 'workerd' || target === 'runner') {
      // The runner keeps the events of ended runs for a while.
      const open = descriptorsOf(pids[0]!).filter((name) => !name.includes('/runs/'))
      counts.set(`descriptors: ${target}`, open.length)
    }
  }
  return counts
}

/** Waits until nothing is more than it was; what still is. */
async function notQuiet(server: Server, before: Map<string, number>): Promise<Violation[]> {
  for (const end = Date.now() + QUIET_PATIENCE_MS; ; await setTimeout(500)) {
    const violations = [...(await countsOf(server))].flatMap(([what, count]): Violation[] => {
      const was = before.get(what) ?? 0
      const more = what.startsWith('descriptors') ? MORE_DESCRIPTORS : what.endsWith('checker') ? MORE_CHECKERS : 0
      return count <= was + more ? [] : [{ kind: 'left behind', what: `${what}: ${count}, ${was} before` }]
    })
    if (violations.length === 0 || Date.now() > end) return violations
  }
}

/** Temporary files of a server that has ended, and processes that have to do with these folders. */
function leftBehind(temporary: string[], folders: string[]): Violation[] {
  const processes = folders.flatMap((folder) => processesOf(folder).map(({ command }) => `process ${command}`))
  const files = temporary.flatMap((folder) => readdirSync(folder).map((name) => `temporary file ${name}`))
  return [...processes, ...files].map((what) => ({ kind: 'left behind', what }))
}
