/** Texts of programs: valid ones of Python, built by its grammar, and what may become of them on their way here. */
import * as fc from 'fast-check'
import type { Arbitrary } from 'fast-check'

/** What the reading of programs looks for, and what it must not find where it means nothing. */
const PIECES = [
  ...[
    'print(1)',
    'x = 2',
    'x',
    'if x:',
    '    pass',
    'else:',
    'def f():',
    '  return 1',
    'await f()',
    'import json',
    '#',
    '# %% In [1]',
  ],
  ...[
    '!ls',
    '!pip install a',
    '!!ls',
    '%time x',
    '%timeit',
    '%%time',
    '%%capture out',
    '%%bash',
    '%%writefile a',
    '%%',
    '%',
    '%nope',
    'x = !ls',
    'x = %time',
  ],
  ...[
    'pip install a>=1 b',
    'conda install -c x y=1',
    '!{sys.executable} -m pip install a',
    '? x',
    'x?',
    'x??',
    '%run a.py',
    '%pylab',
    '%%timeit',
  ],
  ...[
    '```',
    '```python',
    '~~~',
    '~~~ 0',
    '````',
    '>>> x',
    '... y',
    'In [1]: x',
    'Out[1]: 2',
    'In [ ]:',
    '...:',
    '1: x',
    '2| y',
    '  3 z',
  ],
  ...[
    '&lt;',
    '&amp;quot;',
    '&nbsp;',
    '<code>',
    '</code>',
    '<![CDATA[',
    ']]>',
    '\\n',
    '\\t',
    '\\"',
    '\\',
    'python',
    'py',
  ],
  ...[
    '{"code": "',
    '"}',
    '{"cells": [',
    ']}',
    '"',
    "'",
    '"""',
    "'''",
    'f"{',
    'r"',
    '(',
    ')',
    '[',
    ']',
    '{',
    '}',
    ':',
    ';',
    ',',
    '@',
    '->',
    ':=',
  ],
  ...[
    '\u201c',
    '\u201d',
    '\u00a0',
    '\u200b',
    '\u2026',
    '\u2028',
    '\ufeff',
    '\ue000',
    '\ud800',
    '\u0000',
    '\r',
    '\r\n',
    '\f',
    '\t',
    ' ',
    '    ',
    '\u001b[0m',
  ],
  ...[
    '# /// script',
    '# dependencies = ["a"]',
    '# ///',
    '# -*- coding: latin-1 -*-',
    '# coding: nope',
    'from IPython.display import display',
    'display(x)',
  ],
  ...[
    'get_ipython()',
    '__name__ == "main"',
    'subprocess.run(["pip", "install", "a"])',
    '0',
    '9'.repeat(5000),
    '\u00e9',
    '\ud83d\ude00',
    'lambda',
    'yield',
    'class',
  ],
]

const name = fc.constantFrom('x', 'y', 'value', 'f', 'python', 'In', 'é', 'display', '_1')

/** A part of a text in quotes that looks like something else. */
const quotedPart = fc.oneof(
  fc.constantFrom(...PIECES.filter((piece) => !/["'\\\0\r\ud800]/.test(piece) && piece.length < 100)),
  fc.string({ unit: fc.constantFrom('a', ' ', '%', '!', '`', '>', '&', '#') }),
)

const { expression, block } = fc.letrec<{ expression: string; block: string[]; statement: string[] }>((tie) => ({
  expression: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    name,
    fc.constantFrom('1', '0x1f', '1_000.5e-3', '1j', 'None', 'True', '...', "b'\\xff'", '()', '[]', '{}'),
    fc.array(quotedPart, { maxLength: 3 }).map((parts) => `"${parts.join(' ').replaceAll('\n', ' ')}"`),
    fc.array(quotedPart, { maxLength: 4 }).map((parts) => `"""${parts.join('\n')}"""`),
    fc
      .tuple(
        tie('expression'),
        fc.constantFrom('+', '%', '@', '==', 'and', 'if x else', '<', 'not in'),
        tie('expression'),
      )
      .map((three) => `(${three.join(' ')})`),
    fc
      .tuple(name, fc.array(tie('expression'), { maxLength: 3 }))
      .map(([called, args]) => `${called}(${args.join(', ')})`),
    tie('expression').map((inner) => `[${inner} for x in ${inner}]`),
    tie('expression').map((inner) => `(lambda x: ${inner})`),
    tie('expression').map((inner) => `{"a": ${inner}}`),
    tie('expression').map((inner) => `(${inner},\n  ${inner})`),
    tie('expression').map((inner) => `-${inner}`),
    fc.tuple(tie('expression'), name).map(([inner, item]) => `(${inner}).${item}`),
  ),
  statement: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    tie('expression').map((value) => [value]),
    fc.tuple(name, tie('expression')).map(([target, value]) => [`${target} = ${value}`]),
    fc.tuple(name, tie('expression')).map(([target, value]) => [`${target} %= ${value}`]),
    fc.tuple(name, tie('expression')).map(([target, value]) => [`In[1]: ${value}`, `${target}: int = 1`]),
    fc
      .constantFrom(
        'pass',
        'import json',
        'from os import (path,\n  sep)',
        '# !ls',
        'x = 1; y = 2',
        'x = 1 \\\n  + 2',
        '',
        '\f',
        '@f\ndef g(): pass',
      )
      .map((line) => [line]),
    fc.tuple(tie('expression'), tie('block')).map(([test, body]) => [`if ${test}:`, ...body, 'else:', ...body]),
    fc.tuple(name, tie('block')).map(([each, body]) => [`for ${each} in []:`, ...body]),
    tie('block').map((body) => ['def f(x, *, y=1):', ...body]),
    tie('block').map((body) => ['class A:', ...body]),
    tie('block').map((body) => ['try:', ...body, 'except ValueError as e:', ...body]),
    tie('block').map((body) => ['with f() as x:', ...body]),
  ),
  // Lines of a text in quotes must not be indented with it: each statement is one entry.
  block: fc
    .array(tie('statement'), { minLength: 1, maxLength: 3 })
    .map((all) => [...all.flat().map((line) => `    ${line}`), '    pass']),
}))

/** A program that Python takes. */
export const validProgram: Arbitrary<string> = fc
  .tuple(
    fc.array(
      fc.oneof(
        expression.map((value) => [value]),
        block.map((body) => ['if 1:', ...body]),
      ),
      { maxLength: 5 },
    ),
    fc.constantFrom('\n', '\n', '\r\n'),
    fc.boolean(),
  )
  .map(([statements, newline, ends]) => statements.flat().join('\n').replaceAll('\n', newline) + (ends ? newline : ''))

/** Pieces in any order: Python, cells, and neither. */
const soup = fc
  .array(fc.tuple(fc.constantFrom(...PIECES), fc.constantFrom('\n', '\n', '\n', ' ', '', '\r\n', '\n    ')), {
    maxLength: 12,
  })
  .map((parts) => parts.flat().join(''))

/** A program that lost, doubled or got a piece somewhere. */
const damaged = fc
  .tuple(validProgram, fc.nat(), fc.nat(20), fc.constantFrom(...PIECES, ''))
  .map(([text, at, length, piece]) => {
    const start = at % (text.length + 1)
    return text.slice(0, start) + piece + text.slice(start + length)
  })

/** Ways in which a program is packed up, and whether what is inside comes out as it was. */
export const WRAPPINGS: Record<string, (program: string) => string> = {
  'in a fence': (program) => `\`\`\`python\n${program}\n\`\`\``,
  'in a fence among prose': (program) => `Here it is:\n\n\`\`\`py\n${program}\n\`\`\`\n\nDone.`,
  'as arguments': (program) => JSON.stringify({ code: program }),
  'as arguments in a call': (program) =>
    JSON.stringify({ name: 'run_python', arguments: { code: program, timeout: 5 } }),
}

const wrapped = fc
  .tuple(fc.oneof(validProgram, soup), fc.constantFrom(...Object.values(WRAPPINGS)))
  .map(([text, wrap]) => wrap(text))

/** Whatever a model may send as a program. */
export const programText: Arbitrary<string> = fc.oneof(
  { weight: 4, arbitrary: soup },
  { weight: 3, arbitrary: damaged },
  { weight: 2, arbitrary: wrapped },
  { weight: 2, arbitrary: validProgram },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 60 }) },
)

/** What is repeated to see what a long text costs, and what stands before and behind it. */
export const longText: Arbitrary<[string, string, string]> = fc.tuple(
  fc.constantFrom('', ...PIECES, '```python\n', '!a \\\n', 'In [1]: x\n', '>>> x\n'),
  fc
    .array(fc.constantFrom(...PIECES.filter((piece) => piece.length < 100), '\n', '\n', '\\\n'), {
      minLength: 1,
      maxLength: 3,
    })
    .map((parts) => parts.join('')),
  fc.constantFrom('', '\n```', '"}', "'", ')', '\n</code>', '\n!ls'),
)
