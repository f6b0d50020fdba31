/** A session that does nothing and remembers what it was asked, to compare what calls of tools come to. */
import { LearningRefused } from '../../worker/learning/learning.ts'
import type { Caller } from '../../worker/mcp/caller.ts'
import { OutcomeFold } from '../../worker/run/execution/outcome-fold.ts'
import type { RunOutcome } from '../../worker/run/contract/outcome.ts'
import { DEFAULTS } from '../../worker/settings/settings.ts'
import { HERE } from '../fixtures/settings.ts'

const RUN_ID = 'r_0123456789abcdef'

/** `asked`: the arguments of each question, in the order they came. */
export function recordingCaller(): { caller: Caller; asked: unknown[] } {
  const asked: unknown[] = []
  const outcome: RunOutcome = { ...new OutcomeFold().outcome(RUN_ID, 'local'), status: 'success' }
  const shown = { id: RUN_ID, status: outcome.status, objective: '', created_at: 0, ended_at: 1, outcome }
  const caller: Partial<Caller> = {
    settings: () => ({ ...DEFAULTS }),
    capabilities: () => HERE,
    changedSettings: () => new Map(),
    clientReady: () => Promise.resolve(),
    answerWithin: () => DEFAULTS.answer_within,
    startRun: (input, { description }) => {
      asked.push({ input, description })
      return { id: RUN_ID, outcome: Promise.resolve(outcome), async *read() {}, cancel: () => {} }
    },
    findRun: (id) => {
      asked.push(id)
      return shown
    },
    listRuns: (query) => {
      asked.push(query)
      return { runs: [], more: false }
    },
    runHistory: () => null,
    followRun: () => null,
    async *runOutput() {
      yield { type: 'stdout', n: 1, text: 'a\nb\nc\nd\ne\nf\ng\nh\ni\nj\n' }
    },
    setSetting: (key, value) => void asked.push({ key, value }),
    searchLearnings: (query) => {
      asked.push(query)
      return { learnings: [], total: 0 }
    },
    addLearning: (learning) => {
      asked.push(learning)
      throw new LearningRefused('Nothing is kept here.')
    },
    async *install(specs) {
      asked.push(specs)
      yield { type: 'done', status: 'success', message: '', installed: [] }
    },
  }
  return { caller: caller as Caller, asked }
}
