/**
 * How much is tried, and from which seed: `npm run fuzz -- --runs 200000 --seed 7`. The tests have one seed, so that a change is not refused for
 * what it has nothing to do with; by hand another is tried each time. Each property takes its share of all inputs; the
 * seed is printed, and with the same one the same inputs come again.
 */
import type { Parameters } from 'fast-check'
import { inject } from 'vitest'

declare module 'vitest' {
  interface ProvidedContext {
    /** `runs`: inputs of all properties together. */
    fuzz: { runs: number; seed: number }
  }
}

/** The shares of all properties add up to this. */
const WHOLE = 10_000

/** Only ends what hangs: an input takes milliseconds, and a failure is made smaller before it is told. */
export const FUZZ_PATIENCE_MS = 300_000 + 60 * inject('fuzz').runs

/** `share` of 10,000 inputs, when there are so many. */
export function inputs<T>(share: number): Parameters<T> {
  const { runs, seed } = inject('fuzz')
  return { numRuns: Math.ceil((runs * share) / WHOLE), seed }
}

/** What to type to try the same inputs once more. */
export function sayTheSeed(): void {
  const { runs, seed } = inject('fuzz')
  console.log(`The same inputs again: npm run fuzz -- --runs ${runs} --seed ${seed}`)
}
