/** `npm run fuzz -- --runs 200000 --seed 7`: the properties alone, with as many inputs as that, from a seed of chance when none is named. */
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

const { values } = parseArgs({ options: { runs: { type: 'string' }, seed: { type: 'string' } } })
for (const [name, value] of Object.entries(values)) {
  if (/^[0-9]{1,10}$/.test(value)) continue
  console.error(`--${name} is not a whole number: ${value}. Next: npm run fuzz -- --runs 200000 --seed 7`)
  process.exit(1)
}
const test = fileURLToPath(new URL('..', import.meta.url))
const { status } = spawnSync(
  `${test}/node_modules/.bin/vitest`,
  ['run', '--config', `${test}/vitest.config.ts`, 'fuzz/'],
  {
    stdio: 'inherit',
    env: {
      ...process.env,
      ...(values.runs && { FUZZ_RUNS: values.runs }),
      FUZZ_SEED: values.seed ?? `${Math.floor(Math.random() * 2 ** 31)}`,
    },
  },
)
process.exit(status ?? 1)
