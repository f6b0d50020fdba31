/** `/config`: the settings in force as a file, and such a file (or the original program's `config.json`) back in. */
import { importConfig } from '../../settings/exchange.ts'
import type { Capabilities } from '../../settings/settings.ts'
import { BadRequest, jsonBody } from './body.ts'
import { readQuery } from './query.ts'
import { readSettings, resetSetting, writeSetting } from '../store/settings.ts'
import type { Sql } from '../store/sql.ts'

export interface ConfigHttpDeps {
  sql: Sql
  /** Rolls back when its function throws. */
  transaction: <T>(work: () => T) => T
  capabilities: Capabilities
}

/** GET answers with the settings; POST takes over what the file changes and names what it left out. Bad input is a 4xx. */
export async function handleConfig(request: Request, url: URL, deps: ConfigHttpDeps): Promise<Response> {
  try {
    readQuery(url, {})
    return await route(request, deps)
  } catch (error) {
    if (error instanceof BadRequest) return Response.json({ error: error.message }, { status: error.status })
    throw error
  }
}

async function route(request: Request, { sql, transaction, capabilities }: ConfigHttpDeps): Promise<Response> {
  if (request.method === 'GET') return Response.json(readSettings(sql))
  if (request.method !== 'POST') {
    const error = `${request.method} is not possible here. Next: GET the settings, or POST a file of them.`
    return Response.json({ error }, { status: 405, headers: { allow: 'GET, POST' } })
  }
  const imported = importConfig(await jsonBody(request), capabilities)
  if ('refused' in imported) throw new BadRequest(400, imported.refused)
  const { set, reset, ignored } = imported
  transaction(() => {
    for (const { key, value } of set) writeSetting(sql, key, value)
    for (const key of reset) resetSetting(sql, key)
  })
  return Response.json({ set: set.map(({ key }) => key), reset, ignored, settings: readSettings(sql) })
}
