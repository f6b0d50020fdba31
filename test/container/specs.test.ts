/** The runner's own check of requirement specifiers, on the cases that the Worker's is tested with. */
import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { ACCEPTED, REFUSED, REFUSED_BY_THE_WORKER } from '../fixtures/requirements.ts'
import { testPython } from '../support/python.ts'

const PROGRAM = `
import json, sys
from runner.packages import specs
from runner.bounds.refusal import Refusal
def passes(spec):
    try:
        specs.checked([spec])
        return True
    except Refusal:
        return False
print(json.dumps([passes(spec) for spec in json.load(sys.stdin)]))
`

async function passing(specs: string[]): Promise<string[]> {
  const output = execFileSync(await testPython(), ['-c', PROGRAM], {
    cwd: fileURLToPath(new URL('../../container', import.meta.url)),
    input: JSON.stringify(specs),
    encoding: 'utf8',
  })
  const answers = JSON.parse(output) as boolean[]
  expect(answers).toHaveLength(specs.length)
  return specs.filter((_, index) => answers[index])
}

test('every specifier that the Worker lets through passes the runner too', async () => {
  const specs = ACCEPTED.flatMap(([, each]) => each)
  expect(await passing(specs)).toEqual(specs)
})

test('what the Worker refuses for its form the runner refuses as well', async () => {
  expect(await passing(REFUSED)).toEqual([])
})

test('what only the Worker refuses holds no option, address or path', async () => {
  for (const spec of await passing(REFUSED_BY_THE_WORKER))
    expect(spec).toMatch(/^[a-z]+(?:[=>~]=[a-z0-9.*]+|; [a-z]+ == "\w")$/)
})
