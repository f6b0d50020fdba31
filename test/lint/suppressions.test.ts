/** What keeps a tool from speaking about a line of Python says why, on the same line or above it. */
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const CONTAINER = fileURLToPath(new URL('../../container', import.meta.url))
const SUPPRESSION = /# *(?:noqa|type: *ignore|fmt: *(?:off|skip)|pyright:|ruff:)/
const WITH_REASON = [
  /# noqa: [A-Z]+[0-9]+(?:, [A-Z]+[0-9]+)* {2}\S+ \S+/,
  /# pyright: ignore\[\w+(?:, \w+)*\] {2}# \S+ \S+/,
  /# fmt: skip {2}# \S+ \S+/,
]
/** For a whole file, or for the lines below: a comment above it gives the reason. */
const BELOW_REASON = /^ *# (?:pyright: report\w+=false|fmt: off)$/

function withoutReason(source: string): string[] {
  const lines = source.split('\n')
  return lines.filter(
    (line, at) =>
      SUPPRESSION.test(line) &&
      !WITH_REASON.some((pattern) => pattern.test(line)) &&
      !(BELOW_REASON.test(line) && /^ *# \S+ \S+/.test(lines[at - 1] ?? '')),
  )
}

test.each(globSync('**/*.py', { cwd: CONTAINER }))('%s: every suppression has its reason', (file) => {
  expect(withoutReason(readFileSync(join(CONTAINER, file), 'utf8'))).toEqual([])
})

test('one without a reason is found', () => {
  const bare = [
    'a  # noqa',
    'a  # noqa: E501',
    'a  # type: ignore',
    'a  # pyright: ignore',
    'a  # pyright: ignore[reportCallIssue]',
    '# pyright: basic',
    'a  # fmt: skip',
    '# fmt: off',
  ]
  const good = [
    'a  # noqa: E501  a long address',
    'a  # pyright: ignore[reportCallIssue, reportAny]  # of another library',
    '# A table.\n# fmt: off',
    '# No public name.\n# pyright: reportPrivateUsage=false',
  ]
  expect(withoutReason([...bare, ...good].join('\n'))).toEqual(bare)
})
