import { startRunner } from '../support/runner.ts'
import { runnerContract } from './contract/contract.ts'

runnerContract('plain', (options) => startRunner({ ...options, start: 'plain' }))
runnerContract('fork', (options) => startRunner({ ...options, start: 'fork' }))
