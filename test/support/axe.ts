/** What a checker of accessibility finds wrong with a page, as far as it is serious. */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Page } from 'playwright-core'

const AXE = readFileSync(fileURLToPath(import.meta.resolve('axe-core/axe.min.js')), 'utf8')

interface Found {
  violations: { id: string; impact: string; nodes: { html: string }[] }[]
}

/** Each rule with the elements that break it. */
export async function seriousFaults(page: Page): Promise<[rule: string, elements: string[]][]> {
  await page.evaluate(AXE)
  const found = await page.evaluate(async () => {
    const { violations } = await (window as unknown as { axe: { run(): Promise<Found> } }).axe.run()
    return violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')
  })
  return found.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])
}
