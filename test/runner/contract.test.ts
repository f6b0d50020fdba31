import { startRunner } from '../support/runner.ts'
import { uvIsMissing, withUv } from '../support/uv.ts'
import { runnerContract } from './contract/contract.ts'

runnerContract('plain', (options) => startRunner({ ...options, start: 'plain' }))
runnerContract('fork', (options) => startRunner({ ...options, start: 'fork' }))

// As under `npm run dev` and in the container. The others install with pip, unless there is a uv on this machine's PATH.
const missing = await uvIsMissing()
runnerContract('with uv', (options) => startRunner({ ...options, env: withUv(options?.env) }), {
  concepts: ['packages', 'ownPip', 'planted'],
  impossible: missing !== null && `uv cannot be had (${missing})`,
})
