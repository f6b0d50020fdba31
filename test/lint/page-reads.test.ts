/** A test looks at a page until it shows what it should: read once, a page that a busy machine draws late fails it. */
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseSync } from 'oxc-parser'
import { expect, test } from 'vitest'
import { child, children, type Node, nodesOf } from './patterns/constants.ts'

const E2E = fileURLToPath(new URL('../e2e', import.meta.url))

/** Playwright's methods that answer at once. `count` and `isHidden` may say what is not there: no waiting proves that. */
const READS = new Set([
  ...['innerText', 'textContent', 'allInnerTexts', 'allTextContents', 'getAttribute', 'inputValue'],
  ...['isVisible', 'isChecked', 'isEnabled', 'isDisabled'],
])

/** Lines with `expect(await locator.innerText()).toBe(…)` and the like. */
function readOnce(text: string): number[] {
  return nodesOf(parseSync('page.test.ts', text).program)
    .filter((node) => {
      const expected = child(child(node, 'callee'), 'object')
      const [awaited] = children(expected, 'arguments')
      return child(expected, 'callee')?.['name'] === 'expect' && awaited?.type === 'AwaitExpression' && reads(awaited)
    })
    .map(({ start }) => text.slice(0, start).split('\n').length)
}

function reads(awaited: Node): boolean {
  const method = child(child(child(awaited, 'argument'), 'callee'), 'property')?.['name']
  return typeof method === 'string' && READS.has(method)
}

test.each(globSync('**/*.ts', { cwd: E2E }))('%s looks until a page shows it', (file) => {
  expect(readOnce(readFileSync(join(E2E, file), 'utf8'))).toEqual([])
})

test.each([
  ['a text', 'expect(await page.locator("h1").innerText()).toBe("Runs")', [1]],
  ['several lines', '\nexpect(\n  await rows().nth(1).allTextContents(),\n).toEqual([\n  "a",\n])', [2]],
  ['a look that is repeated', 'await until(() => page.locator("h1").innerText()).toBe("Runs")', []],
  ['what is not there', 'expect(await page.locator("h1").count()).toBe(0)', []],
  ['what must not be said', 'expect(await page.locator("h1").innerText()).not.toBe("Runs")', []],
])('%s', (_, text, lines) => {
  expect(readOnce(text)).toEqual(lines)
})
