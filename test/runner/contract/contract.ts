/** What every way of running the runner must do: the one body that is driven for each of them. */
import { afterAll, beforeAll, describe, test } from 'vitest'
import type { RunningRunner } from '../../support/runner.ts'
import { aliases } from './aliases.ts'
import { archives } from './archives.ts'
import { attaching } from './attaching.ts'
import { cells } from './cells.ts'
import { checkAndStart } from './check-and-start.ts'
import { checking } from './checking.ts'
import { commons } from './commons.ts'
import type { Contract, Start } from './context.ts'
import { ending } from './ending.ts'
import { explaining } from './explaining.ts'
import { erasing } from './erasing.ts'
import { figures } from './figures.ts'
import { killing } from './killing.ts'
import { lastValue } from './last-value.ts'
import { leaving } from './leaving.ts'
import { life } from './life.ts'
import { limits } from './limits.ts'
import { ownPip } from './own-pip.ts'
import { packages } from './packages.ts'
import { pages } from './pages.ts'
import { pictures } from './pictures.ts'
import { planted } from './planted.ts'
import { programFile } from './program-file.ts'
import { programs } from './programs.ts'
import { pruning } from './pruning.ts'
import { requests } from './requests.ts'
import { space } from './space.ts'
import { starting } from './starting.ts'
import { streams } from './streams.ts'
import { temporary } from './temporary.ts'
import { uploads } from './uploads.ts'
import { usage } from './usage.ts'
import { warm } from './warm.ts'
import { workspace } from './workspace.ts'

const CONCEPTS = {
  ending,
  starting,
  explaining,
  streams,
  temporary,
  programs,
  programFile,
  killing,
  attaching,
  workspace,
  aliases,
  erasing,
  archives,
  pruning,
  checking,
  checkAndStart,
  cells,
  requests,
  packages,
  ownPip,
  planted,
  pictures,
  figures,
  pages,
  lastValue,
  limits,
  commons,
  space,
  uploads,
  usage,
  warm,
  life,
  leaving,
}

type Concept = keyof typeof CONCEPTS
const ALL = Object.keys(CONCEPTS) as Concept[]

/** Registers the tests of some concepts, all by default, for one way of starting the runner. `impossible`: why none can be, here. */
export function runnerContract(
  name: string,
  start: Start,
  {
    concepts = ALL,
    without,
    impossible,
  }: { concepts?: Concept[]; without?: Concept; impossible?: string | false } = {},
): void {
  if (impossible) {
    describe.skip(`${name}: ${impossible}`, () => test('is not tried'))
    return
  }
  describe(name, () => {
    let runner: RunningRunner | undefined
    const the: Contract = {
      get runner() {
        if (runner === undefined) throw new Error('the runner has not been started yet')
        return runner
      },
      start,
    }
    beforeAll(async () => {
      runner = await start()
    })
    afterAll(async () => {
      await runner?.stop()
    })
    for (const concept of concepts) if (concept !== without) describe(concept, () => CONCEPTS[concept](the))
  })
}
