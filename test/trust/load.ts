/** The clients of several users in both lanes, each a process that is started again when it is killed; keeps what they were told. */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { ClientNews, ClientOrder } from './client.ts'
import type { Call, Violation } from './history.ts'
import { lettersOf } from './plan.ts'

export interface User {
  token: string
  /** The name of their session and workspace. */
  id: string
}

/** One for each user: a revision of 2025, and 2026-07-28. Each has a setting that no other writes. */
const LANES = [
  { lane: 'sdk v1', letter: 'q', setting: { name: 'max_output_bytes', least: 65_536, most: 67_108_864 } },
  { lane: 'sdk v2, 2026-07-28', letter: 'z', setting: { name: 'default_timeout', least: 60, most: 900 } },
]
/** What every mark begins with, and no other word. */
const OF_ALL = 'zqtrust'
const STOP_TIMEOUT_MS = 130_000

export interface Load {
  calls: Map<string, Call>
  foreign: Violation[]
  /** Process ids of the clients that run. */
  pids(): number[]
  /** Calls that were acknowledged so far. */
  acknowledged(): number
  /** Lets every client end its call, and starts none anew. */
  stop(): Promise<void>
}

/** `marks`: where programs write theirs. */
export function startLoad(origin: string, users: User[], marks: string, seed: number): Load {
  const calls = new Map<string, Call>()
  const foreign: Violation[] = []
  const children = new Set<ChildProcess>()
  let acknowledged = 0
  let isStopped = false
  let lives = 0

  const start = (user: number, { lane, letter, setting }: (typeof LANES)[number]) => {
    const life = lettersOf(lives++)
    const ofUser = OF_ALL + lettersOf(user)
    const order: ClientOrder = {
      origin,
      token: users[user]!.token,
      lane,
      user,
      prefix: ofUser + letter + life,
      ofUser,
      ofAll: OF_ALL,
      setting,
      marks,
      seed: seed + lives,
    }
    const child = fork(fileURLToPath(new URL('client.ts', import.meta.url)), {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    })
    children.add(child)
    child.on('message', (message) => {
      const news = message as ClientNews
      if (news.event === 'begin') calls.set(news.call.mark, news.call)
      else if (news.event === 'foreign')
        foreign.push({ kind: 'foreign', what: `${lane} of ${ofUser} saw ${news.text}` })
      else {
        calls.get(news.mark)!.end = news.end
        if (news.end.how === 'acknowledged') acknowledged++
      }
    })
    child.once('exit', () => {
      children.delete(child)
      if (!isStopped) start(user, { lane, letter, setting })
    })
    child.send(order)
  }
  users.forEach((_, user) => LANES.forEach((lane) => start(user, lane)))

  return {
    calls,
    foreign,
    pids: () => [...children].flatMap(({ pid }) => pid ?? []),
    acknowledged: () => acknowledged,
    async stop() {
      isStopped = true
      const ended = [...children].map((child) => once(child, 'exit'))
      for (const child of children) child.send('stop')
      const timer = setTimeout(() => children.forEach((child) => child.kill('SIGKILL')), STOP_TIMEOUT_MS)
      await Promise.all(ended)
      clearTimeout(timer)
    },
  }
}
