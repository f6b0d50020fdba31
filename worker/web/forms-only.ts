/** Lets only forms reach the pages: so no request evades the check of a form's origin, and every form can be read. */
import type { Context, Next } from 'hono'
import { errorPage, pageHeaders } from './pages/page.ts'

const FORM = /^(?:application\/x-www-form-urlencoded|multipart\/form-data)\s*(?:;|$)/i

/** Answers 415 or 400 with a page to any post that is no readable form. */
export async function formsOnly(c: Context, next: Next): Promise<Response | void> {
  if (c.req.method !== 'POST') return next()
  const isForm = FORM.test(c.req.header('content-type') ?? '')
  if (isForm && (await isReadable(c.req.raw))) return next()
  const body = errorPage('Not a form', 'What was sent to this page is no form of it.', 'Next: go back and try again.')
  return c.html(body, isForm ? 400 : 415, pageHeaders())
}

async function isReadable(request: Request): Promise<boolean> {
  try {
    await request.clone().formData()
    return true
  } catch {
    return false // no boundary, or a body that does not match its type
  }
}
