/** Bytes that a user's workspace may keep on disk: decided here, enforced by the runner. */
import type { Env } from '../env.ts'
import { DEFAULT_LIMITS } from '../run/contract/protocol.ts'
import { NoExecutor } from '../run/contract/errors.ts'

const MIB = 1024 ** 2
const MAX_MIB = 1024 ** 2

/** Bytes. Throws NoExecutor when the operator's value makes no sense. */
export function workspaceQuota({ WORKSPACE_QUOTA_MIB: given }: Pick<Env, 'WORKSPACE_QUOTA_MIB'>): number {
  if (given === undefined || given === '') return DEFAULT_LIMITS.workspace_bytes
  const mib = /^\d{1,7}$/.test(given) ? Number(given) : 0
  if (mib >= 1 && mib <= MAX_MIB) return mib * MIB
  throw new NoExecutor(
    `WORKSPACE_QUOTA_MIB is "${given.slice(0, 40)}" on this server, and must be a whole number from 1 to ${MAX_MIB}. Next: the server's operator corrects it.`,
  )
}
