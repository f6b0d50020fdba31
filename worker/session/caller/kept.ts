/** Learnings and settings of a session, as the tools see them: the part of their `Caller` that needs the database alone. */
import { quoteLearning } from '../../learning/quote.ts'
import type { ContextSource, LearningsCaller, PackagesCaller, SettingsCaller } from '../../mcp/caller.ts'
import { clientName } from '../lanes/request-scope.ts'
import { searchLearnings, usefulLearnings } from '../store/learnings-search.ts'
import { addLearning, countLearnings, getLearning } from '../store/learnings.ts'
import { readOverrides, readSettings, resetSetting, resetSettings, writeSetting } from '../store/settings.ts'
import type { Sql } from '../store/sql.ts'

/** Characters of each text of a learning that get_system_context shows. */
const CONTEXT_QUOTE_CHARS = 90

export interface KeptParts {
  sql: Sql
  /** Rolls back when its function throws. */
  transaction: <T>(work: () => T) => T
  /** Called when these resources read differently. */
  changed: (uris: string[]) => void
  /** Called when there are other resources. */
  listChanged: () => void
  settingsChanged: () => void
  now: () => number
}

export type KeptCaller = LearningsCaller &
  Omit<SettingsCaller, 'capabilities' | 'resetWorkspace'> &
  Pick<PackagesCaller, 'settings'> &
  Pick<ContextSource, 'topLearnings'>

export function keptCaller({ sql, transaction, changed, listChanged, settingsChanged, now }: KeptParts): KeptCaller {
  return {
    topLearnings: (limit) => ({
      learnings: usefulLearnings(sql, limit, now()).map((learning) => quoteLearning(learning, CONTEXT_QUOTE_CHARS)),
      total: countLearnings(sql),
    }),
    addLearning: (input) => {
      const origin = { via: 'tool' as const, client: clientName(), run_id: null }
      const added = transaction(() => addLearning(sql, input, origin, now()))
      changed(['codemode://learnings', `codemode://learnings/${added.learning.id}`, 'codemode://context'])
      if (added.created) listChanged()
      return added
    },
    searchLearnings: (query) => searchLearnings(sql, query, now()),
    getLearning: (id) => getLearning(sql, id),
    settings: () => readSettings(sql),
    changedSettings: () => readOverrides(sql),
    setSetting: (key, value) => {
      writeSetting(sql, key, value)
      settingsChanged()
    },
    resetSetting: (key) => {
      resetSetting(sql, key)
      settingsChanged()
    },
    resetSettings: () => {
      resetSettings(sql)
      settingsChanged()
    },
  }
}
