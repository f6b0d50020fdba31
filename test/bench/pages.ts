/**
 * `npm run bench:pages`: how long a person waits. From the call of an MCP client to the run's row on the open list, and from `print()` to the
 * line on the open page of the run, each until the browser has painted it. All clocks are this machine's.
 */
import { loadavg } from 'node:os'
import type { Page } from 'playwright-core'
import { launchBrowser } from '../support/browser.ts'
import { CLIENTS } from '../support/clients.ts'
import { startDevServer } from '../support/dev-server.ts'
import { quantile } from './statistics.ts'

const RUNS = 30
const LINES = 100

const [server, browser] = await Promise.all([startDevServer({}, { ownWorkspaces: true }), launchBrowser()])
const client = await CLIENTS['sdk v2, 2026-07-28']!.connect(server.origin, server.token)
try {
  const page = await (await browser.newContext()).newPage()
  await page.goto(`${server.origin}/app/runs`)
  await page.getByRole('button', { name: 'Continue as the local developer' }).click()
  await page.getByRole('heading', { name: 'Runs', exact: true }).waitFor()
  const load = () => loadavg()[0]!.toFixed(2)
  console.log(`Load before: ${load()}\n`)
  console.log('| | median (quartiles) | goal |\n|---|---|---|')
  tell(`call → row on the list, ${RUNS} runs`, await untilListed(page), 300)
  tell(`print() → line on the page, ${LINES} lines`, await untilPrinted(page), 100)
  console.log(`\nLoad after: ${load()}.`)
} finally {
  await client.close()
  await browser.close()
  await server.stop()
}

/** Milliseconds from a call to the run's row, for each of many runs. */
async function untilListed(page: Page): Promise<number[]> {
  await watch(page, '#list', '#list .title')
  const times = []
  for (let i = 0; i < RUNS; i++) {
    const description = `run number ${i} of the bench`
    const began = Date.now()
    const run = client.run({ code: 'import time; time.sleep(0.5)', description })
    times.push((await seen(page, description)) - began)
    await run
  }
  return times
}

/** Milliseconds from a line's own time to its being painted, for each line. */
async function untilPrinted(page: Page): Promise<number[]> {
  await page.goto(`${server.origin}/app/runs`)
  await page.getByText('Try it').click()
  await page
    .getByLabel('Program')
    .fill(
      `import time\ntime.sleep(3)\nfor i in range(${LINES}):\n    print(time.time_ns() // 1_000_000, flush=True)\n    time.sleep(0.05)`,
    )
  await page.getByRole('button', { name: 'Run', exact: true }).click()
  await page.waitForURL(/\/app\/runs\/r_/)
  await watch(page, '#log', '#log .stdout')
  await page.locator('#facts').getByText('succeeded').waitFor()
  const painted = await page.evaluate(() => [...(window as unknown as Watched).painted])
  return painted.map(([printed, at]) => at - Number(printed)).filter((time) => Number.isFinite(time))
}

interface Watched {
  /** When each text was first painted: milliseconds since 1970. */
  painted: Map<string, number>
}

async function watch(page: Page, around: string, each: string): Promise<void> {
  await page.evaluate(
    ([around, each]) => {
      const painted = new Map<string, number>()
      Object.assign(window, { painted })
      const look = () => {
        const fresh = [...document.querySelectorAll(each!)].map(({ textContent }) => textContent.trim())
        // A task after the frame's: it has been painted.
        requestAnimationFrame(() =>
          setTimeout(() => {
            for (const text of fresh)
              if (!painted.has(text)) painted.set(text, performance.timeOrigin + performance.now())
          }),
        )
      }
      new MutationObserver(look).observe(document.querySelector(around!)!, { childList: true, subtree: true })
    },
    [around, each],
  )
}

async function seen(page: Page, text: string): Promise<number> {
  const found = await page.waitForFunction((text) => (window as unknown as Watched).painted.get(text), text)
  return Number(await found.jsonValue())
}

function tell(what: string, times: number[], goal: number): void {
  const at = (part: number) => quantile(times, part).toFixed(0)
  console.log(`| ${what} | ${at(0.5)} ms (${at(0.25)}–${at(0.75)}) | ≤ ${goal} ms |`)
}
