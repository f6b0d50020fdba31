/** What is counted of answers, and what the counting leaves behind. */
import { expect, test } from 'vitest'
import { ResponseMeter } from '../../worker/session/lanes/response-meter.ts'

test(
  'answers that are there at once leave no timer, of which an object may have 10,000',
  { timeout: 60_000 },
  async () => {
    let last = ''
    for (let n = 0; n <= 10_000; n++)
      last = await (await new ResponseMeter().measure(new Response(`${n}`), () => () => {})).text()
    expect(last).toBe('10000')
  },
)
