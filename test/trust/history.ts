/** What clients did and were told, and whether what is there at the end agrees with it. Pure. */

/** One call of a client. Its mark is a word that nothing else has: it stands in the program, learning or file. */
export interface Call {
  mark: string
  /** Index of the user. */
  user: number
  /** Lane of the client that calls. */
  lane: string
  kind: 'learning' | 'setting' | 'upload' | 'run' | 'read'
  /** What a setting is set to, or the text of a file. */
  value?: string
  /** The setting, or the file. */
  name?: string
  began: number
  /** Null: its client was killed before it was told anything. */
  end: End | null
}

export interface End {
  /**
   * `acknowledged`: done, as far as its client was told. `refused`: answered with an error. `broken`: the connection ended. `silent`: no
   * answer in 120 s.
   */
  how: 'acknowledged' | 'refused' | 'broken' | 'silent'
  at: number
  words: string
  /** Id and status of a run, as its answer said. */
  runId?: string
  status?: string
}

/** What the server says of a run afterwards. */
export interface Receipt {
  id: string
  status: string
  /** It says that nothing of the program ran. */
  nothingRan: boolean
  words: string
  /** It says that it began with the files as they had been then; 0: with none. */
  restoredFrom: number | null
  /** When it was looked up. */
  at: number
}

/** How often a program has written its mark: when it began, and at its end. */
export interface Marks {
  begin: number
  end: number
}

export interface Found {
  /** How many learnings have this mark; all are listed that have any. */
  learnings: Map<string, number>
  /** Text by path, of the files that were asked for; null: not there. */
  files: Map<string, string | null>
  /** Value by user and name, as `settingKey` says. */
  settings: Map<string, string>
  /** Receipts by mark: all that the history had at one time. */
  receipts: Map<string, Receipt[]>
  marks: Map<string, Marks>
  /** What users were told of files that were brought back. */
  news: News[]
}

export interface News {
  user: number
  restoredFrom: number
  /** When it was known to have been told. */
  at: number
}

export interface Violation {
  kind: 'lost' | 'duplicated' | 'wrong receipt' | 'unanswered' | 'foreign' | 'database' | 'left behind' | 'start'
  what: string
}

/** What these receipts of one user say of files that were brought back. */
export function newsIn(user: number, receipts: Receipt[]): News[] {
  return receipts.flatMap(({ restoredFrom, at }) => (restoredFrom === null ? [] : [{ user, restoredFrom, at }]))
}

const UNFINISHED: readonly string[] = ['queued', 'running']
const NONE: Marks = { begin: 0, end: 0 }

export function settingKey(user: number, name: string): string {
  return `${user} ${name}`
}

/** Everything in which the calls and what was found contradict each other. */
export function contradictions(calls: Iterable<Call>, found: Found): Violation[] {
  const violations: Violation[] = []
  const say = (kind: Violation['kind'], call: Call, words: string) =>
    violations.push({
      kind,
      what: `${call.kind} ${call.mark} (user ${call.user}, ${call.lane}, ${new Date(call.began).toISOString()}): ${words}`,
    })
  const registers = new Map<string, Call[]>()
  for (const call of calls) {
    if (call.end?.how === 'silent') say('unanswered', call, `no answer in 120 s`)
    if (call.kind === 'learning') checkLearning(call, found, say)
    if (call.kind === 'upload') checkUpload(call, found, say)
    if (call.kind === 'run') checkRun(call, found, say)
    if (call.kind === 'setting') {
      const key = settingKey(call.user, call.name!)
      registers.set(key, [...(registers.get(key) ?? []), call])
    }
  }
  for (const [key, writes] of registers) {
    const last = writes.findLastIndex(({ end }) => end?.how === 'acknowledged')
    // What was not acknowledged may have been done, also after what was: it may have waited in a stopped process.
    const possible = writes.filter(({ end }, i) => (i >= last ? end?.how !== 'refused' : end === null || isOpen(end)))
    const value = found.settings.get(key)
    if (last >= 0 && !possible.some((write) => write.value === value)) {
      say('lost', writes[last]!, `${key} is ${value}, not ${writes[last]!.value}`)
    }
  }
  return violations
}

type Say = (kind: Violation['kind'], call: Call, words: string) => void

function isOpen({ how }: End): boolean {
  return how === 'broken' || how === 'silent'
}

function checkLearning(call: Call, { learnings }: Found, say: Say): void {
  const times = learnings.get(call.mark) ?? 0
  if (times > 1) say('duplicated', call, `it is there ${times} times`)
  if (times === 0 && call.end?.how === 'acknowledged') say('lost', call, `acknowledged with ${call.end.words}`)
}

function checkUpload(call: Call, { files, news }: Found, say: Say): void {
  const text = files.get(call.name!)
  // What was changed after the last save is gone with its container, and its user is told.
  const isToldOf = ({ user, restoredFrom, at }: News) =>
    user === call.user && restoredFrom < call.end!.at && at > call.end!.at
  if (text == null && call.end !== null && news.some(isToldOf)) return
  if (call.end?.how === 'acknowledged' && text !== call.value) {
    say('lost', call, text == null ? 'the file is not there' : `it holds ${text.length} characters that were not sent`)
  }
  // One that was not acknowledged is there whole or not at all.
  else if (text != null && text !== call.value) say('lost', call, `half of it is there`)
}

function checkRun(call: Call, { receipts, marks }: Found, say: Say): void {
  const { begin, end } = marks.get(call.mark) ?? NONE
  const own = receipts.get(call.mark) ?? []
  const [receipt] = own
  if (begin > 1 || end > 1) say('duplicated', call, `the program began ${begin} times and ended ${end} times`)
  if (own.length > 1) say('duplicated', call, `there are ${own.length} runs of it`)
  if (receipt === undefined) {
    if (call.end?.runId !== undefined)
      say('lost', call, `it was accepted as ${call.end.runId}, and there is no such run`)
    else if (begin > 0) say('wrong receipt', call, 'it ran, and there is no receipt')
    return
  }
  const { id, status, nothingRan, words } = receipt
  const says = `${id} says ${status} (${words})`
  if (UNFINISHED.includes(status)) return say('wrong receipt', call, `${says}, and nothing runs any more`)
  if (status === 'success' && (begin !== 1 || end !== 1)) {
    say('wrong receipt', call, `${says}; the program began ${begin} times and ended ${end} times`)
  }
  if (nothingRan && begin > 0) say('wrong receipt', call, `${says}; the program began`)
  const told = call.end
  if (told?.status === undefined || UNFINISHED.includes(told.status)) return
  if (told.status !== status) say('wrong receipt', call, `${says}, and its client was told ${told.status}`)
}
