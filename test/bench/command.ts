/**
 * `npm run bench`: every row of rows.ts against its baseline in the same run, in turn. `--only P1,P3` takes some, `--json FILE` writes
 * them as data. The table is the README's. Read the ratios: times are this machine's.
 */
import { writeFileSync } from 'node:fs'
import { loadavg } from 'node:os'
import { dirname } from 'node:path'
import { parseArgs } from 'node:util'
import { baseInterpreter } from '../../container/commands/python.ts'
import { ensureUv } from '../../container/commands/uv.ts'
import { ROWS, type Row, Unmeasurable } from './rows.ts'
import { makeSetting, PYTHON } from './setting.ts'
import { type Summary, summary } from './statistics.ts'

const { values } = parseArgs({ options: { only: { type: 'string' }, json: { type: 'string' } } })
const rows = chosen(values.only)
if (process.platform !== 'linux') console.error('Some rows read /proc, and fail elsewhere than on Linux.')
await ensureUv(baseInterpreter(dirname(dirname(PYTHON))), dirname(PYTHON))

const setting = makeSetting()
const began = performance.now()
const results: Record<string, Summary> = {}
try {
  console.log(`Load before: ${load()}\n`)
  console.log('| | what | compared with | ratio (quartiles) | goal | ours | baseline |\n|---|---|---|---|---|---|---|')
  for (const row of rows) await measure(row)
} finally {
  await setting.end()
}
const minutes = ((performance.now() - began) / 60_000).toFixed(1)
console.log(`\nLoad after: ${load()}. ${minutes} minutes.`)
if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(results, null, 2)}\n`)

async function measure(row: Row): Promise<void> {
  try {
    const found = summary(await row.measure(setting), row.goal)
    results[row.id] = found
    const unit = row.unit ?? 'ms'
    const cells = [
      row.id,
      row.what,
      row.baseline,
      `${number(found.ratio)} (${number(found.low)}–${number(found.high)})`,
      goalCell(row, found.ratio),
      `${number(found.ms)} ${unit}`,
      `${number(found.baseline)} ${unit}`,
    ]
    console.log(`| ${cells.join(' | ')} |`)
  } catch (error) {
    if (!(error instanceof Unmeasurable)) throw new Error(`${row.id} could not be measured`, { cause: error })
    console.log(`| ${row.id} | ${row.what} | not measured: ${error.message} | | | | |`)
  }
}

function goalCell({ goal, isRate }: Row, ratio: number): string {
  if (goal === null) return ''
  const isReached = isRate ? ratio >= goal : ratio <= goal
  return `${isRate ? '≥' : '≤'} ${goal}${isReached ? '' : ' ✗'}`
}

/** Throws for a name that is none. `P1` means its variants, too. */
function chosen(only: string | undefined): readonly Row[] {
  if (only === undefined) return ROWS
  const names = only.split(',').map((name) => name.trim())
  const isMeant = (name: string, id: string) => id === name || id.startsWith(`${name}-`)
  const unknown = names.filter((name) => !ROWS.some(({ id }) => isMeant(name, id)))
  if (unknown.length > 0) {
    console.error(`There is no row ${unknown.join(', ')}. Next: choose from ${ROWS.map(({ id }) => id).join(', ')}.`)
    process.exit(1)
  }
  return ROWS.filter(({ id }) => names.some((name) => isMeant(name, id)))
}

function number(value: number): string {
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2)
}

function load(): string {
  return loadavg()
    .map((each) => each.toFixed(2))
    .join(', ')
}
