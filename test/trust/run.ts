/**
 * `npm run trust`: see trust.ts. `-- --kills 1000 --seed 7` for another number of kills, and the plan of kills that this seed gives;
 * `--container`: programs run in containers, and those are harmed with what is in them (Linux, root, Docker);
 * `--only workerd` harms only processes of that kind; Ctrl-C ends the kills early. Ends with code 1 when anything contradicts what somebody was told.
 */
import { randomInt } from 'node:crypto'
import { parseArgs } from 'node:util'
import { isTarget, TARGETS } from './plan.ts'
import { tableOf } from './table.ts'
import { trust } from './trust.ts'

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '60' },
    seed: { type: 'string', default: String(randomInt(2 ** 31)) },
    only: { type: 'string' },
    container: { type: 'boolean', default: false },
  },
})
const { only, container } = values
const [kills, seed] = [Number(values.kills), Number(values.seed)]
const areNumbers = Number.isSafeInteger(kills) && kills > 0 && Number.isSafeInteger(seed)
if (!areNumbers || (only !== undefined && !isTarget(only))) {
  console.error(
    `--kills takes a whole number from 1, --seed a whole number, --only one of: ${TARGETS.join(', ')}. Next: npm run trust -- --kills 60 --seed 7`,
  )
  process.exit(1)
}
console.log(`seed ${seed}`)
const enough = new AbortController()
process.once('SIGINT', () => enough.abort())
const report = await trust({
  ...{ kills, seed, only, containers: container, enough: enough.signal },
  say: (line) => console.log(line),
})
console.log(tableOf(report))
for (const { kind, what } of report.violations) console.log(`${kind}: ${what}`)
// What happened when, for whoever looks for the cause.
if (report.violations.length > 0) console.log(report.log.join('\n'))
process.exit(report.violations.length === 0 ? 0 : 1)
