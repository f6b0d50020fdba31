/** The page of the settings: a form made from their schema. */
import { Hono } from 'hono'
import * as z from 'zod'
import type { Env } from '../../env.ts'
import { type Ask, asUserBy, json, refused } from '../signed-in/as-user.ts'
import { appHeaders } from '../pages/app-page.ts'
import { settingsPage } from './looks/settings.ts'
import type { AnswerOf } from '../session-answers.ts'

export const SETTINGS_PAGE = '/app/settings'

const value = z.union([z.string(), z.number(), z.boolean(), z.array(z.string())])
export type Value = z.infer<typeof value>
const values = z.record(z.string(), value)
export type Values = z.infer<typeof values>

const property = z.object({
  type: z.enum(['string', 'integer', 'boolean', 'array']),
  enum: z.array(z.string()).optional(),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
  unit: z.string().optional(),
  description: z.string(),
  default: value,
})
export type Property = z.infer<typeof property>
const schema = z.object({ properties: z.record(z.string(), property) })

const saved = z.object({ ignored: z.array(z.object({ key: z.string(), reason: z.string() })), settings: values })
export type Ignored = z.infer<typeof saved>['ignored']

export function settingsPages(answerOf: AnswerOf): Hono<{ Bindings: Env }> {
  const app = new Hono<{ Bindings: Env }>()
  const asUser = asUserBy(answerOf)

  app.get(SETTINGS_PAGE, (c) =>
    asUser(c, async (ask) => {
      const [properties, response] = await Promise.all([propertiesBy(ask), ask('/config')])
      if (!response.ok) return refused(response, '/app/runs')
      return c.html(settingsPage(properties, values.parse(await response.json())), 200, appHeaders())
    }),
  )

  app.post(SETTINGS_PAGE, (c) =>
    asUser(c, async (ask) => {
      const [properties, form] = await Promise.all([propertiesBy(ask), c.req.parseBody()])
      const sent = Object.fromEntries(
        Object.entries(properties).map(([key, { type }]) => [key, valueOf(type, form[key])]),
      )
      const response = await ask('/config', json('POST', sent))
      if (!response.ok) return refused(response, SETTINGS_PAGE)
      const { ignored, settings } = saved.parse(await response.json())
      // What was wrong stands in its field, to be mended.
      const shown = { ...settings, ...Object.fromEntries(ignored.map(({ key }) => [key, sent[key] ?? ''])) }
      return c.html(settingsPage(properties, shown, ignored), ignored.length === 0 ? 200 : 400, appHeaders())
    }),
  )
  return app
}

async function propertiesBy(ask: Ask): Promise<Record<string, Property>> {
  return schema.parse(await (await ask('/config/schema')).json()).properties
}

/** What a field of the form says. The session checks it. */
function valueOf(type: Property['type'], field: unknown): Value {
  const text = typeof field === 'string' ? field : ''
  if (type === 'boolean') return text !== ''
  if (type === 'integer') return /^-?\d{1,15}$/.test(text) ? Number(text) : text
  if (type === 'string') return text
  return text.split(/[\s,]+/).filter((name) => name !== '')
}
