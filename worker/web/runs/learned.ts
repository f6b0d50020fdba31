/** What a run was told of what had been learned before. */
import * as z from 'zod'
import type { Ask } from '../signed-in/as-user.ts'
import type { Receipt } from '../data/run-data.ts'

/** A learning that the run was shown, and how often it has helped by now. */
const learned = z.object({
  id: z.string(),
  problem: z.string(),
  success_count: z.number(),
  failure_count: z.number(),
})
export type Learned = z.infer<typeof learned>

/** The learnings that the run was shown, as they are now; those that were deleted since are left out. */
export async function learnedBefore({ outcome }: Receipt, ask: Ask): Promise<Learned[]> {
  const found = await Promise.all(
    (outcome?.learnings ?? []).map(async ({ id }) => {
      const response = await ask(`/learnings/${encodeURIComponent(id)}`)
      return learned.safeParse(await response.json().catch(() => null)).data
    }),
  )
  return found.filter((each) => each !== undefined)
}
