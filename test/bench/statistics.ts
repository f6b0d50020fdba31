/** What rounds of a measurement come to. */

/** One metric: rounds of ratios to its baseline, all of the same run. */
export interface Measured {
  /** One for each round, ours ÷ the baseline's, or the reverse for rates, as the row says. */
  ratios: readonly number[]
  /** Our own milliseconds (or MB, for memory) of each round. */
  ours: readonly number[]
  /** The baseline's milliseconds (or MB) of each round. */
  baseline: readonly number[]
}

/** As the JSON has it. */
export interface Summary {
  ratio: number
  /** The quartiles of the ratio. */
  low: number
  high: number
  goal: number | null
  /** Median of our own, in the row's unit. */
  ms: number
  /** Median of the baseline, in the row's unit. */
  baseline: number
}

export function summary({ ratios, ours, baseline }: Measured, goal: number | null): Summary {
  return {
    ratio: quantile(ratios, 0.5),
    low: quantile(ratios, 0.25),
    high: quantile(ratios, 0.75),
    goal,
    ms: quantile(ours, 0.5),
    baseline: quantile(baseline, 0.5),
  }
}

/** The value below which the share `q` (0–1) of all lies. */
export function quantile(values: readonly number[], q: number): number {
  if (values.length === 0) throw new Error('no values')
  return values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * q))]!
}

/** Both in turn, `rounds` times, the order reversed each time; the first `warmUp` rounds do not count. Each returns its cost. */
export async function inTurn(
  rounds: number,
  ours: () => Promise<number> | number,
  baseline: () => Promise<number> | number,
  warmUp = 2,
): Promise<Measured> {
  const pairs: [number, number][] = []
  for (let round = 0; round < rounds + warmUp; round++) {
    let mine: number
    let theirs: number
    if (round % 2 === 0) {
      mine = await ours()
      theirs = await baseline()
    } else {
      theirs = await baseline()
      mine = await ours()
    }
    if (round >= warmUp) pairs.push([mine, theirs])
  }
  return measured(pairs)
}

/** Pairs of our cost and the baseline's. */
export function measured(pairs: readonly (readonly [number, number])[]): Measured {
  return {
    ratios: pairs.map(([mine, theirs]) => mine / theirs),
    ours: pairs.map(([mine]) => mine),
    baseline: pairs.map(([, theirs]) => theirs),
  }
}

/** Milliseconds that something takes. */
export async function timed(work: () => unknown): Promise<number> {
  const began = performance.now()
  await work()
  return performance.now() - began
}
