/** Where the kernel helps less, without namespaces and without root, and where programs are another user. */
import { spawnSync } from 'node:child_process'
import { everybodyMayReach, testPython } from '../support/python.ts'
import { startRunner } from '../support/runner.ts'
import { uvIsMissing, withUv } from '../support/uv.ts'
import { runnerContract } from './contract/contract.ts'

const canUnshare = spawnSync('unshare', ['--user', '--map-root-user', 'true']).status === 0
const canSwitchUser = process.getuid?.() === 0 && (await everybodyMayReach(await testPython()))
const missing = await uvIsMissing()
const user = { uid: 54321, gid: 54322 } // has no other processes on any machine

runnerContract('fork without namespaces', (options) => startRunner({ ...options, start: 'fork', namespaces: false }), {
  concepts: ['killing', 'limits', 'life', 'programFile', 'temporary', 'aliases', 'usage', 'explaining'],
  impossible: !canUnshare && 'needs Linux user namespaces',
})

// As in the container: the archives are the runner's business, what is in them is the programs'.
runnerContract('programs as another user', (options) => startRunner({ ...options, runAs: '54321:54322' }), {
  concepts: ['archives', 'planted', 'commons', 'explaining', 'programFile', 'ownPip'],
  impossible: !canSwitchUser && 'needs root, and a Python that every user may execute',
})

runnerContract(
  'programs as another user, with uv',
  (options) => startRunner({ ...options, runAs: '54321:54322', env: withUv(options?.env) }),
  {
    concepts: ['packages', 'planted'],
    impossible:
      (!canSwitchUser && 'needs root, and a Python that every user may execute') || (missing !== null && missing),
  },
)

// As in a container that may make no namespaces. A user of its own: whatever it leaves on this machine is removed.
runnerContract(
  'programs as another user without namespaces',
  (options) => startRunner({ ...options, runAs: '54331:54332', namespaces: false }),
  {
    concepts: ['commons', 'killing', 'limits', 'explaining'],
    impossible: !canSwitchUser && 'needs root, and a Python that every user may execute',
  },
)

runnerContract('plain as an ordinary user', (options) => startRunner({ ...options, start: 'plain', user }), {
  concepts: ['killing', 'limits', 'life', 'space', 'erasing', 'archives', 'commons'],
  impossible: !canSwitchUser && 'needs root, and a Python that every user may execute',
})
