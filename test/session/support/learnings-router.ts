/** The paths of learnings over a database of a test. */
import type { VerifiedCaller } from '../../../worker/auth/caller.ts'
import { learningsRouter } from '../../../worker/session/http/learnings.ts'

type Deps = Parameters<typeof learningsRouter>[0]

export const CALLER: VerifiedCaller = { userId: '0'.repeat(32), scopes: [], authorizedAt: 0 }

export function routerOver({ sql, transaction, now }: Pick<Deps, 'sql' | 'transaction' | 'now'>) {
  return learningsRouter({
    sql,
    transaction,
    letOthersIn: () => Promise.resolve(),
    now,
    client: 'page',
    changed: () => {},
    opened: () => () => {},
  })
}
