/** The runner's contract in the container's image, with programs as the ordinary user that they are there. */
import { inject } from 'vitest'
import { runnerContract } from '../runner/contract/contract.ts'
import { startRunner } from '../support/runner.ts'

const container = inject('container')
const [image, impossible] = 'image' in container ? [container.image] : ['', container.missing]

runnerContract('in the container', (options) => startRunner({ runAs: '10001:10001', ...options, image }), {
  // Its pictures are made by a stand-in for Pillow, which the image has.
  without: 'pictures',
  ...(impossible && { impossible }),
})
