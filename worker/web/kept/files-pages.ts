/** The pages about the files of the working folder: browse, look, upload, download, delete. */
import { Hono } from 'hono'
import * as z from 'zod'
import type { Env } from '../../env.ts'
import { type Ask, asUserBy, refused } from '../signed-in/as-user.ts'
import { appHeaders } from '../pages/app-page.ts'
import { tellOnce, toldOnce } from '../pages/told-once.ts'
import { folderAt } from './looks/files/folder.ts'
import { confirmPage, filesPage } from './looks/files/list.ts'
import { FILES_PAGE, folderPage } from '../pages/paths.ts'
import { kindOf, PREVIEW_BYTES, type Previewed } from './looks/files/preview.ts'
import { filePage } from './looks/files/view.ts'
import type { AnswerOf } from '../session-answers.ts'

export { FILES_PAGE } from '../pages/paths.ts'

/** What the pages show of files, as the session's `/files` answers. */
const files = z.object({
  files: z.array(z.object({ path: z.string(), bytes: z.number(), mime: z.string(), modified: z.string() })),
  cut: z.boolean(),
  uploads: z.array(z.object({ path: z.string(), upload: z.string(), bytes: z.number(), received: z.number() })),
  use: z.object({ bytes: z.number(), limit_bytes: z.number() }),
})
export type ShownFiles = z.infer<typeof files>

export function filesPages(answerOf: AnswerOf): Hono<{ Bindings: Env }> {
  const app = new Hono<{ Bindings: Env }>()
  const asUser = asUserBy(answerOf)

  app.get(FILES_PAGE, (c) =>
    asUser(c, async (ask) => {
      const response = await ask('/files')
      if (!response.ok) return refused(response, '/app/runs')
      const page = filesPage(files.parse(await response.json()), folderOf(c.req.query('in')), toldOnce(c, 'deleted'))
      return c.html(page, 200, appHeaders())
    }),
  )

  app.get(`${FILES_PAGE}/view`, (c) =>
    asUser(c, async (ask) => {
      const path = c.req.query('path') ?? ''
      const [response, list] = await Promise.all([ask(sessionPath(path)), ask('/files')])
      if (!response.ok || !list.ok) return refused(response.ok ? list : response, FILES_PAGE)
      const file = await beginningOf(path, response)
      const listed = files.parse(await list.json()).files.find((each) => each.path === path)
      return c.html(filePage(file, listed), 200, appHeaders())
    }),
  )

  app.post(`${FILES_PAGE}/delete`, (c) =>
    asUser(c, async (ask) => {
      const { paths, folder, form } = await chosen(c.req.raw)
      if (paths.length === 0) return c.redirect(folderPage(folder), 303)
      if (form.get('sure') !== 'yes') {
        const response = await ask('/files')
        if (!response.ok) return refused(response, FILES_PAGE)
        const all = files.parse(await response.json()).files
        const count = all.filter((file) => paths.some((path) => isAtOrBelow(file.path, path))).length
        return c.html(confirmPage(paths, count, folder), 200, appHeaders())
      }
      let count = 0
      for (const path of paths) {
        const response = await ask(deletionOf(path), { method: 'DELETE' })
        if (response.ok) count++
        // Of several, one that is gone already is no reason to stop.
        if (!response.ok && (response.status !== 404 || paths.length === 1))
          return refused(response, folderPage(folder))
        await response.body?.cancel()
      }
      const several = `${paths.length} files and folders`
      const all = count === paths.length ? several : `${count} of ${several}; the others were gone already`
      tellOnce(c, 'deleted', paths.length === 1 ? paths[0]! : all)
      return c.redirect(await nearestFolder(ask, folder), 303)
    }),
  )

  app.post(`${FILES_PAGE}/download`, (c) =>
    asUser(c, async (ask) => {
      const { paths, folder } = await chosen(c.req.raw)
      if (paths.length === 0) return c.redirect(folderPage(folder), 303)
      const plain = paths.map((path) => path.replace(/\/$/, ''))
      const query = new URLSearchParams({ archive: 'tar.gz', paths: JSON.stringify(plain) })
      const response = await ask(`/files?${query.toString()}`)
      return response.ok ? response : refused(response, folderPage(folder))
    }),
  )

  app.post(`${FILES_PAGE}/drop`, (c) =>
    asUser(c, async (ask) => {
      const { path, upload } = await c.req.parseBody()
      const query = new URLSearchParams({ upload: typeof upload === 'string' ? upload : '' })
      const address = sessionPath(typeof path === 'string' ? path : '')
      const response = await ask(`${address}?${query.toString()}`, { method: 'DELETE' })
      if (!response.ok && response.status !== 404) return refused(response, FILES_PAGE)
      await response.body?.cancel()
      return c.redirect(FILES_PAGE, 303)
    }),
  )
  return app
}

/** The path of a file as the session has it, or one that it refuses: a URL would take `..` for another address. */
function sessionPath(path: string): string {
  const segments = path.split('/')
  if (segments.some((segment) => ['', '.', '..'].includes(segment))) return '/files//'
  return `/files/${segments.map(encodeURIComponent).join('/')}`
}

function deletionOf(path: string): string {
  return path.endsWith('/') ? `${sessionPath(path.slice(0, -1))}?folder=true` : sessionPath(path)
}

function isAtOrBelow(file: string, path: string): boolean {
  return path.endsWith('/') ? file.startsWith(path) : file === path
}

/** A folder in an address: empty, or with `/` at its end. */
function folderOf(asked: unknown): string {
  return typeof asked === 'string' && asked !== '' ? `${asked.replace(/\/$/, '')}/` : ''
}

/** The files and folders that a form names: the one whose button was pressed, or the marked ones. */
async function chosen(request: Request): Promise<{ paths: string[]; folder: string; form: FormData }> {
  const form = await request.formData()
  const only = form.get('only')
  const paths = only === null ? form.getAll('path') : [only]
  return { paths: paths.filter((path) => typeof path === 'string'), folder: folderOf(form.get('in')), form }
}

/** The page of a folder, or of the nearest one above that has anything left in it. */
async function nearestFolder(ask: Ask, folder: string): Promise<string> {
  if (folder === '') return FILES_PAGE
  const response = await ask('/files')
  if (!response.ok) return FILES_PAGE
  const { files: all } = files.parse(await response.json())
  let path = folder
  while (path !== '') {
    const { files: own, folders } = folderAt(path, all)
    if (own.length + folders.length > 0) break
    path = path
      .split('/')
      .slice(0, -2)
      .map((part) => `${part}/`)
      .join('')
  }
  return folderPage(path)
}

/** As much of a file as its preview reads. The rest is not asked for. */
async function beginningOf(path: string, response: Response): Promise<Previewed> {
  const mime = response.headers.get('content-type') ?? ''
  if (['picture', 'none'].includes(kindOf(path, mime)) || response.body === null) {
    await response.body?.cancel()
    return { path, mime, text: '', isCut: false }
  }
  const decoder = new TextDecoder()
  const reader = response.body.getReader()
  let [text, bytes] = ['', 0]
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return { path, mime, text: text + decoder.decode(), isCut: false }
    text += decoder.decode(value.subarray(0, PREVIEW_BYTES - bytes), { stream: true })
    bytes += value.byteLength
    if (bytes > PREVIEW_BYTES) break
  }
  await reader.cancel()
  return { path, mime, text, isCut: true }
}
