/** What a person does in the browser that a client opens: sign in with the local button, look, press Allow. */
import type { Browser, Page } from 'playwright-core'

export interface Visit {
  /** What the consent page said. */
  consent: string
  /** Where the browser ended. */
  url: string
}

/** Opens the address in a new browser profile and allows what is asked for. `before`: done on the consent page first. */
export async function allowInBrowser(
  browser: Browser,
  address: string,
  before: (page: Page) => Promise<void> = async () => {},
): Promise<Visit> {
  const context = await browser.newContext()
  try {
    const page = await context.newPage()
    await page.goto(address)
    await page.getByRole('button', { name: 'Continue as the local developer' }).click()
    await before(page)
    const consent = (await page.locator('main').textContent()) ?? ''
    // With the keyboard, as not everybody has a mouse.
    await page.getByRole('button', { name: 'Allow' }).focus()
    await page.keyboard.press('Enter')
    await page.waitForURL((url) => url.pathname !== '/authorize')
    return { consent, url: page.url() }
  } finally {
    await context.close()
  }
}
