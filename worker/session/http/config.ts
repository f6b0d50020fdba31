/** `/config`: exports the settings in force as a file, and imports such a file (or the original program's `config.json`). */
import { SETTINGS_JSON_SCHEMA } from '../../settings/facts.ts'
import { importConfig } from '../../settings/exchange.ts'
import type { Capabilities } from '../../settings/settings.ts'
import { BadRequest, jsonBody } from './body.ts'
import { readQuery } from './query.ts'
import type { Router, RoutedRequest } from './router.ts'
import { readSettings, resetSetting, writeSetting } from '../store/settings.ts'
import type { Sql } from '../store/sql.ts'

export interface ConfigDeps {
  sql: Sql
  /** Rolls back when its function throws. */
  transaction: <T>(work: () => T) => T
  capabilities: () => Capabilities
  /** Called when the settings have changed. */
  changed: () => void
}

/** GET answers with the settings, `/config/schema` with their JSON schema; POST stores the file's changes and names the keys that it left out. */
export function configRouter(deps: ConfigDeps): Router<'/config'> {
  return {
    handlers: {
      '/config': {
        GET: ({ url }) => {
          readQuery(url, {})
          return Response.json(readSettings(deps.sql))
        },
        POST: (routed) => imported(routed, deps),
      },
      '/config/schema': {
        GET: ({ url }) => {
          readQuery(url, {})
          return Response.json(SETTINGS_JSON_SCHEMA)
        },
      },
    },
  }
}

async function imported(
  { request, url }: RoutedRequest,
  { sql, transaction, capabilities, changed }: ConfigDeps,
): Promise<Response> {
  readQuery(url, {})
  const file = importConfig(await jsonBody(request), capabilities())
  if ('refused' in file) throw new BadRequest(400, file.refused)
  const { set, reset, ignored } = file
  transaction(() => {
    for (const { key, value } of set) writeSetting(sql, key, value)
    for (const key of reset) resetSetting(sql, key)
  })
  changed()
  return Response.json({ set: set.map(({ key }) => key), reset, ignored, settings: readSettings(sql) })
}
