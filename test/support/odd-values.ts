/** Values that no client of ours sends: texts, numbers and whole JSON trees, and what is left of a message with one of them in it. */
import * as fc from 'fast-check'
import type { Arbitrary } from 'fast-check'

const ODD_TEXTS = [
  ...[
    '',
    ' ',
    '\0',
    '\n',
    '\r\n',
    '\ud800',
    '\udc00x',
    '\ufeff',
    '\u202e',
    '\u2028',
    '\u200b',
    'é',
    'e\u0301',
    '😀',
    '\u001b[31m',
    'İ',
    'ß',
  ],
  ...[
    '__proto__',
    'constructor',
    'toString',
    'undefined',
    'null',
    'NaN',
    'true',
    '-0',
    '1e999',
    '0x10',
    '9'.repeat(400),
    '1.5',
    ' 1',
    '+1',
  ],
  ...[
    '../../etc/passwd',
    '/etc/passwd',
    '..\\..',
    '%2e%2e%2f',
    '%00',
    '%',
    '%zz',
    'C:\\',
    'file:///etc/passwd',
    'codemode://runs/',
    'codemode://files/%ff',
    'a/'.repeat(300),
  ],
  ...[
    "' OR 1=1 --",
    '"; DROP TABLE learnings; --',
    'a* AND NEAR(b c)',
    '(a OR',
    'col:x',
    '"',
    '*',
    '^a',
    'a-b',
    '{a b} : c',
    '+',
    'NOT',
    '\u0000"',
  ],
  ...[
    '(a+)+$',
    '[',
    '\\',
    '$&',
    '${x}',
    '{{x}}',
    '<script>alert(1)</script>',
    '<!--',
    ']]>',
    '&lt;',
    'javascript:alert(1)',
    'data:text/html,x',
  ],
  ...[
    'data: {"jsonrpc":"2.0","id":1,"result":{}}\n\n',
    'event: x\nid: 1\n\n',
    'x'.repeat(5000),
    '\u0301'.repeat(200),
    'r_0123456789abcdef',
    'l_0123456789abcdef',
  ],
]

/** Any text; among them those that mean something to JSON, SQL, addresses, pages, event streams and patterns. */
export const oddText: Arbitrary<string> = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...ODD_TEXTS) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 40 }) },
  {
    weight: 1,
    arbitrary: fc.string({
      unit: fc.constantFrom('"', '*', '(', ')', 'a', ' ', '-', ':', '^', '\\', '\ud800', "'"),
      maxLength: 20,
    }),
  },
  { weight: 1, arbitrary: fc.array(fc.constantFrom(...ODD_TEXTS), { maxLength: 3 }).map((parts) => parts.join('')) },
)

/** Any JSON value, deep and wide ones too. */
export const oddJson: Arbitrary<unknown> = fc.oneof(
  oddText,
  fc.constantFrom<unknown>(
    null,
    true,
    false,
    0,
    -1,
    1.5,
    1e308,
    -1e308,
    Number.MAX_SAFE_INTEGER + 1,
    [],
    {},
    [[]],
    [null],
    { '': null },
  ),
  fc.jsonValue({ maxDepth: 3 }),
  fc.dictionary(oddText, oddText, { maxKeys: 3 }),
  fc.array(oddText, { maxLength: 3 }),
  fc.integer({ min: 1, max: 200 }).map((depth) => JSON.parse('['.repeat(depth) + ']'.repeat(depth)) as unknown),
)

/** The places in a JSON value: each as the keys that lead there. */
function placesIn(value: unknown, above: string[] = []): string[][] {
  if (typeof value !== 'object' || value === null) return [above]
  return [above, ...Object.entries(value).flatMap(([key, inner]) => placesIn(inner, [...above, key]))]
}

type Change = { how: 'replace' | 'remove' | 'add'; at: number; key: string; value: unknown }

function changed(message: unknown, { how, at, key, value }: Change): unknown {
  const copy = structuredClone(message)
  const places = placesIn(copy)
  const place = places[at % places.length]!
  if (how === 'add') {
    const target = place.reduce((inner, step) => (inner as Record<string, unknown>)[step], copy)
    if (typeof target === 'object' && target !== null) {
      Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true })
    }
    return copy
  }
  const last = place.at(-1)
  if (last === undefined) return how === 'replace' ? value : copy
  const parent = place.slice(0, -1).reduce((inner, step) => (inner as Record<string, unknown>)[step], copy) as Record<
    string,
    unknown
  >
  if (how === 'remove') delete parent[last]
  else parent[last] = value
  return copy
}

const change: Arbitrary<Change> = fc.record({
  how: fc.constantFrom('replace', 'replace', 'remove', 'add'),
  at: fc.nat(1_000),
  key: oddText,
  value: oddJson,
})

/** One of the messages with up to three places replaced, removed or added. */
export function oddMessage(messages: unknown[]): Arbitrary<unknown> {
  return fc
    .tuple(fc.constantFrom(...messages), fc.array(change, { minLength: 1, maxLength: 3 }))
    .map(([message, changes]) => changes.reduce<unknown>((value, each) => changed(value, each), message))
}

/** The JSON of a value, mostly whole, sometimes with a part cut out or put in. */
export function oddBody(value: Arbitrary<unknown>): Arbitrary<string> {
  const cut = fc.tuple(value, fc.nat(10_000), fc.nat(30), oddText).map(([message, at, length, piece]) => {
    const text = JSON.stringify(message) ?? ''
    const start = at % (text.length + 1)
    return text.slice(0, start) + piece + text.slice(start + length)
  })
  return fc.oneof(
    { weight: 4, arbitrary: value.map((message) => JSON.stringify(message) ?? '') },
    { weight: 1, arbitrary: cut },
  )
}
