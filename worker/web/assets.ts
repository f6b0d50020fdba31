/** Style, module and icons of the pages. */
import { Hono } from 'hono'
import { etag } from 'hono/etag'
import type { Env } from '../env.ts'
import { CLIENT } from './client-built.ts'
import { ICONS, NO_PICTURE } from './pages/icons.ts'
import { STYLE } from './style/style.ts'

export function assets(): Hono<{ Bindings: Env }> {
  const app = new Hono<{ Bindings: Env }>()
  // Asked for with each page, and sent when it has changed: an older one would not fit to the page.
  app.use('/assets/*', etag())
  app.get('/assets/pages.css', (c) => c.body(STYLE, 200, asset('text/css')))
  for (const [name, icon] of Object.entries(ICONS))
    app.get(`/assets/icons/${name}.svg`, (c) => c.body(icon, 200, asset('image/svg+xml')))
  app.get('/assets/icons/no-picture.svg', (c) => c.body(NO_PICTURE, 200, asset('image/svg+xml')))
  app.get('/assets/live.js', (c) => c.body(CLIENT, 200, asset('text/javascript')))
  return app
}

function asset(type: string): Record<string, string> {
  return { 'content-type': `${type}; charset=utf-8`, 'cache-control': 'no-cache', 'x-content-type-options': 'nosniff' }
}
