/** The short form of `npm run trust`; `TRUST_SEED` and `TRUST_KILLS` for another one. */
import { expect, test } from 'vitest'
import { hasProc } from '../support/processes.ts'
import { tableOf } from '../trust/table.ts'
import { trust } from '../trust/trust.ts'

const SEED = Number(process.env['TRUST_SEED'] ?? 14)
const KILLS = Number(process.env['TRUST_KILLS'] ?? 30)

test.runIf(hasProc)(
  `after kills of every process under load, everybody was told the truth (seed ${SEED})`,
  async () => {
    const report = await trust({ kills: KILLS, seed: SEED })
    console.log(tableOf(report))
    const { violations, calls, log } = report
    expect(violations, log.join('\n')).toEqual([])
    // Each kill waits for an acknowledged call.
    expect(calls.filter(({ end }) => end?.how === 'acknowledged').length).toBeGreaterThan(KILLS)
  },
  1_200_000,
)
