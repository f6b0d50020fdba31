/** wrangler.toml: preview is production with other stores. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { unstable_readConfig } from 'wrangler'
import * as z from 'zod'
import { expectedOrigin, workerConfig } from '../../container/commands/deploy/account.ts'

const PROJECT = fileURLToPath(new URL('../..', import.meta.url))
const CONFIG = join(PROJECT, 'wrangler.toml')

const environment = z.object({
  name: z.string(),
  main: z.string(),
  compatibility_date: z.string(),
  compatibility_flags: z.array(z.string()),
  account_id: z.string().optional(),
  vars: z.unknown(),
  durable_objects: z.object({ bindings: z.array(z.looseObject({ class_name: z.string() })) }),
  exports: z.record(z.string(), z.object({ type: z.literal('durable-object'), storage: z.literal('sqlite') })),
  observability: z.unknown(),
  kv_namespaces: z.array(z.object({ binding: z.string(), id: z.string().optional() })),
  r2_buckets: z.array(z.object({ binding: z.string(), bucket_name: z.string() })),
  ratelimits: z.array(z.object({ name: z.string(), namespace_id: z.string(), simple: z.unknown() })),
  containers: z.array(z.looseObject({ class_name: z.string(), name: z.string(), max_instances: z.int() })).length(1),
})

const read = (env: string, config = CONFIG) => unstable_readConfig({ config, env })
const production = environment.parse(read(''))
const preview = environment.parse(read('preview'))

test('preview has the bindings of production, each to something of its own', () => {
  const ofItsOwn = (config: typeof production) => [
    config.name,
    ...config.r2_buckets.map(({ bucket_name }) => bucket_name),
    ...config.ratelimits.map(({ namespace_id }) => namespace_id),
    ...config.containers.map(({ name }) => name),
  ]
  expect(new Set([...ofItsOwn(production), ...ofItsOwn(preview)]).size).toBe(2 * ofItsOwn(production).length)

  const alike = (config: typeof production) => ({
    ...config,
    name: '',
    r2_buckets: config.r2_buckets.map(({ binding }) => binding),
    ratelimits: config.ratelimits.map(({ name, simple }) => ({ name, simple })),
    containers: config.containers.map((container) => ({ ...container, name: '', max_instances: 0 })),
  })
  expect(alike(preview)).toEqual(alike(production))
})

test('every class with a binding is exported', () => {
  expect(Object.keys(production.exports)).toEqual(
    production.durable_objects.bindings.map(({ class_name }) => class_name),
  )
})

test('nothing in it belongs to one account', () => {
  for (const { account_id, kv_namespaces } of [production, preview]) {
    expect([account_id, ...kv_namespaces.map(({ id }) => id)]).toEqual([undefined, undefined])
  }
})

test('a host name of production is not preview’s', () => {
  const text = readFileSync(CONFIG, 'utf8').replace(/^# (routes = .*)$/m, '$1')
  // Beside the real one, as paths in it are relative.
  const file = join(PROJECT, '.wrangler-routes-test.toml')
  try {
    writeFileSync(file, text)
    expect(read('', file)).toMatchObject({ routes: [{ pattern: 'code.example.com', custom_domain: true }] })
    expect(read('preview', file)).toMatchObject({ routes: [], workers_dev: true })
  } finally {
    rmSync(file, { force: true })
  }
})

test('npm run deploy reads what wrangler reads', () => {
  for (const [env, { name, vars, r2_buckets }] of [
    ['', production],
    ['preview', preview],
  ] as const) {
    const buckets = r2_buckets.map(({ bucket_name }) => ({ bucket_name }))
    expect(workerConfig(env)).toMatchObject({ name, vars, r2_buckets: buckets })
  }
})

test('the address to be entered at the provider is as exact as it can be before a deployment', () => {
  const { routes: _, ...worker } = workerConfig('')
  const routes = ['example.com/*', { pattern: 'code.example.com', custom_domain: true }]
  expect(expectedOrigin(worker, undefined)).toBe('https://mcp-code-mode.YOUR-SUBDOMAIN.workers.dev')
  expect(expectedOrigin({ ...worker, routes }, undefined)).toBe('https://code.example.com')
  expect(expectedOrigin({ ...worker, routes }, 'https://other.example.com')).toBe('https://other.example.com')
  expect(expectedOrigin({ ...worker, vars: { PUBLIC_URL: 'https://x.example.com/' } }, undefined)).toBe(
    'https://x.example.com',
  )
})

test('every binding of production is explained', () => {
  const [text = ''] = readFileSync(CONFIG, 'utf8').split('\n[env.preview]')
  const blocks = [...text.matchAll(/\n([^\n]*)\n\[\[([\w.]+)\]\]/g)]
  expect(blocks).toHaveLength(7)
  for (const [, comment, name] of blocks) expect(comment, name).toMatch(/^# \S/)
})
