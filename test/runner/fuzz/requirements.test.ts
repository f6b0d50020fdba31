/** Requirement specifiers, through both sides that check them. */
import * as fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { isPackageName, parseRequirements } from '../../../worker/run/packages/requirement.ts'
import { FUZZ_PATIENCE_MS, inputs, sayTheSeed } from '../../support/fuzz.ts'
import { oddText } from '../../support/odd-values.ts'
import { type Reader, startReader } from './reader.ts'

let reader: Reader
beforeAll(async () => {
  sayTheSeed()
  reader = await startReader()
})
afterAll(() => reader?.stop())

const piece = fc.constantFrom(
  ...[
    'pandas',
    'a',
    'Scikit_Learn',
    'x.y-z',
    'é',
    'раndas',
    '[',
    ']',
    '[http2]',
    '[a,b]',
    '>=',
    '==',
    '~=',
    '===',
    '<',
    '!=',
    '1',
    '1.0',
    '2.*',
    '1!2',
    '1.0.dev1',
    '+local',
  ],
  ...[
    ',',
    ' ',
    '  ',
    ';',
    '; python_version < "3.9"',
    "; os_name == 'posix' and extra",
    ' and ',
    '@',
    ' @ https://x.example/a.whl',
    'git+https://x.example',
    './a',
    '/etc/passwd',
    '-r',
    '--index-url=x',
    '-e .',
  ],
  ...[
    '\n',
    '\r',
    '\t',
    '\0',
    '$(id)',
    '`id`',
    '|',
    '&&',
    '#',
    '"',
    "'",
    '\\',
    '%',
    '\u200b',
    '\uff21',
    'x'.repeat(120),
    '9'.repeat(90),
    'pip install ',
    '{a}',
    '*',
  ],
)
const specifiers = fc.oneof(
  { weight: 4, arbitrary: fc.array(piece, { minLength: 1, maxLength: 7 }).map((parts) => parts.join('')) },
  { weight: 1, arbitrary: oddText },
)

test(
  'what the Worker lets through the runner takes, and nothing in it is an option, an address or a path',
  { timeout: FUZZ_PATIENCE_MS },
  async () => {
    let passed = 0
    await fc.assert(
      fc.asyncProperty(specifiers, async (text) => {
        const read = parseRequirements(text)
        if ('refused' in read) {
          expect(read.refused).toMatch(/\S/)
          expect(read.refused).not.toMatch(/[\0\r\n\u200b]/)
          return
        }
        passed += 1
        for (const { spec, name } of read.requirements) {
          expect(isPackageName(name), name).toBe(true)
          expect(spec).toMatch(/^[A-Za-z0-9][ -~]*$/)
          expect(spec).not.toMatch(/[@/\\$`|&#{}]|:\/|(?:^|\s)-/)
          expect(await reader.ask('specifier', spec), spec).toBe(true)
        }
      }),
      inputs(1_000),
    )
    expect(passed).toBeGreaterThan(inputs(30).numRuns!)
  },
)
