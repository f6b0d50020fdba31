/** A browser that is signed in to a local server of its own, and what tests of pages do again and again. */
import type { Browser, BrowserContext, BrowserContextOptions, Locator, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest'
import type { RunOutcome } from '../../worker/run/contract/outcome.ts'
import { launchBrowser } from './browser.ts'
import { CLIENTS, type TestClient } from './clients.ts'
import { type DevServer, startDevServer } from './dev-server.ts'

/** The state that a test sees: a browser without cookies of other tests, on the list of runs. */
export class SignedInPage {
  server!: DevServer
  browser!: Browser
  /** An MCP client of the same user. */
  client!: TestClient
  context!: BrowserContext
  page!: Page
  /** What the browser complains of: refused scripts, failed requests, errors of our module. */
  complaints: string[] = []

  /** Takes a new browser profile with one page, in place of the one before. */
  async become(options: BrowserContextOptions): Promise<Page> {
    this.context = await this.browser.newContext(options)
    // A busy machine takes its time, over a large file or 100,000 lines above all.
    this.context.setDefaultTimeout(90_000)
    this.page = await this.context.newPage()
    return this.page
  }

  /** Signs a new page of a new browser profile in, and returns it. */
  async signIn(): Promise<Page> {
    await this.become({ viewport: { width: 1280, height: 900 } })
    this.complaints = []
    this.page.on('pageerror', (error) => this.complaints.push(error.message))
    this.page.on('console', (message) => message.type() === 'error' && this.complaints.push(message.text()))
    await this.open('/app/runs')
    await this.page.getByRole('button', { name: 'Continue as the local developer' }).click()
    await this.page.getByRole('heading', { name: 'Runs', exact: true }).waitFor()
    return this.page
  }

  async open(path: string): Promise<void> {
    await this.page.goto(this.server.origin + path)
  }

  get log(): Locator {
    return this.page.locator('#log')
  }

  get facts(): Locator {
    return this.page.locator('#facts')
  }

  /** Starts a program by the form on the page, and stands on its run's page. */
  async run(code: string): Promise<void> {
    await this.open('/app/runs')
    const form = this.page.locator('details.try')
    if (!(await form.evaluate((details: HTMLDetailsElement) => details.open)))
      await this.page.getByText('Try it').click()
    await this.page.getByLabel('Program').fill(code)
    await this.page.getByRole('button', { name: 'Run', exact: true }).click()
    await this.page.waitForURL(/\/app\/runs\/r_[0-9a-f]{16}$/)
  }

  /** Waits until the facts about the run say these words, such as `succeeded`, and all of its output is there. */
  async ended(words: string): Promise<void> {
    await this.facts.getByText(words).waitFor()
    // The facts can be renewed before the last events have come. This is said at the last one.
    await this.page
      .locator('#said')
      .getByText(/^The run /)
      .waitFor({ state: 'attached' })
  }

  /** What the run came to on whose page we stand. */
  async outcome(): Promise<RunOutcome> {
    const id = new URL(this.page.url()).pathname.split('/').at(-1)
    const response = await this.context.request.get(`${this.server.origin}/app/api/runs/${id}`)
    return (await response.json()).outcome
  }

  /** The lines of output that the page shows. */
  lines(): Promise<string[]> {
    return this.log.evaluate((element) => element.textContent.split('\n').slice(0, -1))
  }

  /** What the link of this name answers with. */
  async downloaded(name: string): Promise<string> {
    const href = await this.page.getByRole('link', { name }).getAttribute('href')
    const response = await this.context.request.get(new URL(href!, this.page.url()).href)
    expect(response.status()).toBe(200)
    return response.text()
  }
}

/** Gives each test of a file a page that is signed in; the file's tests share server and client. `env`: the server's environment. */
export function signedInPage(env: () => Promise<Record<string, string>> = async () => ({})): SignedInPage {
  const it = new SignedInPage()
  beforeAll(async () => {
    ;[it.server, it.browser] = await Promise.all([
      startDevServer(await env(), { ownWorkspaces: true }),
      launchBrowser(),
    ])
    it.client = await CLIENTS['sdk v2, 2026-07-28']!.connect(it.server.origin, it.server.token)
  }, 180_000)
  beforeEach(async () => void (await it.signIn()))
  afterEach(() => it.context.close())
  afterAll(async () => {
    await it.client?.close()
    await it.browser?.close()
    await it.server?.stop()
  })
  return it
}
