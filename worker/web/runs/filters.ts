/** What the list of runs is limited to, as its address has it. */

export interface Filters {
  search: string
  status: string
  /** First and last day, such as `2026-11-28`, of the zone; an empty zone is UTC. */
  from: string
  to: string
  time_zone: string
  /** Names of a client and a tool, as the session has them. */
  client: string
  tool: string
  /** The id of a run: only older ones. */
  before: string
}

/** A filter that is empty takes no part. */
export const NO_FILTERS: Filters = {
  search: '',
  status: '',
  from: '',
  to: '',
  time_zone: '',
  client: '',
  tool: '',
  before: '',
}

const NAMES = Object.keys(NO_FILTERS).filter((name): name is keyof Filters => Object.hasOwn(NO_FILTERS, name))

export function filtersIn(read: (name: string) => string | undefined): Filters {
  const filters = { ...NO_FILTERS }
  for (const name of NAMES) filters[name] = read(name) ?? ''
  return filters
}

/** As a query, with `?` before it; empty without any. */
export function queryOf(filters: Filters): string {
  const set = Object.entries(filters).filter(([, value]) => value !== '')
  return set.length === 0 ? '' : `?${new URLSearchParams(set).toString()}`
}
