import { expect, test } from 'vitest'
import * as z from 'zod'
import { importConfig } from '../../worker/settings/exchange.ts'
import { shownSettings } from '../../worker/settings/facts.ts'
import { parseSetting, storedSetting } from '../../worker/settings/setting-text.ts'
import { DEFAULTS, effectiveSettings, SETTING_KEYS, settingsSchema } from '../../worker/settings/settings.ts'
import { ACCEPTED, HERE, REFUSED } from '../fixtures/settings.ts'

test('the tables are as long as promised', () => {
  expect(ACCEPTED.length).toBeGreaterThanOrEqual(30)
  expect(REFUSED.length).toBeGreaterThanOrEqual(60)
})

test.each(ACCEPTED)('%s = %j', (key, text, value) => {
  expect(parseSetting(key, text, HERE)).toEqual({ key, value })
  expect(settingsSchema.parse({ ...DEFAULTS, [key]: value })).toMatchObject({ [key]: value })
})

test.each(REFUSED)('%s = %j is refused: %s', (key, text, words) => {
  const parsed = parseSetting(key, text, HERE)
  if (!('refused' in parsed)) throw new Error(`accepted as ${JSON.stringify(parsed)}`)
  expect(parsed.refused).toContain(words)
  expect(parsed.refused).toMatch(/^[^\p{Cc}]{20,700}$/u)
})

test('the sandbox takes the sandbox’s mode and the old name of it, and no local one', () => {
  const there = { executor: 'sandbox', image: 'code-mode:1' } as const
  expect(parseSetting('execution_mode', 'docker', there)).toEqual({ key: 'execution_mode', value: 'sandbox' })
  expect(parseSetting('execution_mode', 'direct', there)).toMatchObject({
    refused: expect.stringContaining('no local runner'),
  })
})

test('the sandbox takes every network policy, and hosts that are allowed beside it', () => {
  const there = { executor: 'sandbox' } as const
  for (const value of ['open', 'packages', 'off']) {
    expect(parseSetting('network', value, there)).toEqual({ key: 'network', value })
  }
  expect(parseSetting('allowed_hosts', 'API.example.com, *.example.org, 192.0.2.1', there)).toEqual({
    key: 'allowed_hosts',
    value: ['api.example.com', '*.example.org', '192.0.2.1'],
  })
  for (const host of ['localhost', '*.internal', '10.0.0.1', '0x7f.1', '2130706433', 'a.local', 'printer']) {
    expect(parseSetting('allowed_hosts', host, there)).toMatchObject({ refused: expect.stringContaining('private') })
  }
})

test('defaults are valid, and nothing that is read fills them in', () => {
  expect(settingsSchema.parse(DEFAULTS)).toEqual(DEFAULTS)
  expect(effectiveSettings(new Map())).toEqual(DEFAULTS)
  expect(settingsSchema.partial().parse({})).toEqual({})
  expect(effectiveSettings(new Map([['default_timeout', 90]]))).toEqual({ ...DEFAULTS, default_timeout: 90 })
})

test('every setting is described once, with its type and range, in the JSON schema', () => {
  const schema = z.toJSONSchema(settingsSchema, { io: 'input' })
  expect(Object.keys(schema.properties ?? {})).toEqual([...SETTING_KEYS])
  expect(schema).toMatchObject({
    additionalProperties: false,
    properties: {
      default_timeout: { type: 'integer', minimum: 1, maximum: 900 },
      execution_mode: { enum: ['auto', 'sandbox', 'local'] },
      max_output_bytes: { minimum: 65_536, maximum: 67_108_864 },
      blocked_packages: { type: 'array' },
    },
  })
})

test.each([
  ['default_timeout', -5],
  ['default_timeout', '90'],
  ['execution_mode', 'banana'],
  ['allowed_packages', 'pandas,numpy'],
  ['allowed_packages', ['--pre']],
  ['auto_install', 'yes'],
  ['max_parallel_runs', null],
  ['unheard_of', 1],
  ['__proto__', 1],
  ['default_timeout', undefined],
])('a stored %s of %j counts as not there', (key, value) => {
  expect(storedSetting(key, value)).toBeUndefined()
})

test('the view shows what is changed, and that the image is not the user’s to choose', () => {
  const shown = shownSettings(new Map([['max_retries', 1]]), HERE)
  expect(shown).toContainEqual(
    expect.objectContaining({ key: 'max_retries', value: 1, default: 3, range: '0 to 5', changed: true }),
  )
  expect(shown.filter(({ changed }) => changed)).toHaveLength(1)
  expect(shown.at(-1)).toMatchObject({
    key: 'docker_image',
    value: null,
    description: expect.stringContaining('without any image'),
  })
  const there = shownSettings(new Map(), { executor: 'sandbox', image: 'code-mode:1' })
  expect(there.at(-1)).toMatchObject({
    key: 'docker_image',
    value: 'code-mode:1',
    description: expect.stringContaining('in use'),
  })
})

test('the original’s config.json is taken over key by key, and what is not is named', () => {
  const original = {
    execution_mode: 'direct',
    default_timeout: 120,
    max_retries: 3,
    auto_install: false,
    allowed_packages: [],
    blocked_packages: ['Scikit_Learn', 'os-sys'],
    docker_image: 'python:3.11-slim',
    learnings_file: '/home/me/learnings.json',
  }
  expect(importConfig(original, HERE)).toEqual({
    set: [
      { key: 'execution_mode', value: 'local' },
      { key: 'default_timeout', value: 120 },
      { key: 'auto_install', value: false },
      { key: 'blocked_packages', value: ['scikit-learn', 'os-sys'] },
    ],
    reset: ['max_retries', 'allowed_packages'],
    ignored: [
      { key: 'docker_image', reason: expect.stringContaining('chosen when the server is deployed') },
      { key: 'learnings_file', reason: expect.stringContaining('is not a setting') },
    ],
  })
})

test('what the original’s configure spoilt is repaired or left out', () => {
  const spoilt = {
    default_timeout: -5,
    execution_mode: 'banana',
    allowed_packages: 'pandas, numpy',
    max_retries: '2',
    blocked_packages: '',
  }
  expect(importConfig(spoilt, HERE)).toMatchObject({
    set: [
      { key: 'allowed_packages', value: ['pandas', 'numpy'] },
      { key: 'max_retries', value: 2 },
    ],
    reset: ['blocked_packages'],
    ignored: [{ key: 'default_timeout' }, { key: 'execution_mode' }],
  })
})

test('what is no name in a list is refused as it was written', () => {
  const odd: unknown = JSON.parse('{"allowed_packages": [{"toString": null}], "blocked_packages": [null]}')
  const takes = 'It takes names separated by commas, or a list of at most 200 names in JSON.'
  expect(importConfig(odd, HERE)).toEqual({
    set: [],
    reset: [],
    ignored: [
      {
        key: 'allowed_packages',
        reason: `allowed_packages was not changed: "{"toString":null}" is not the plain name of a package, without versions. ${takes}`,
      },
      {
        key: 'blocked_packages',
        reason: `blocked_packages was not changed: "null" is not the plain name of a package, without versions; to forbid all installing, turn auto_install off. ${takes}`,
      },
    ],
  })
})

test('the settings in force, exported as JSON, come back as the same changes', () => {
  const changed = new Map<'default_timeout' | 'allowed_packages', number | string[]>([
    ['default_timeout', 90],
    ['allowed_packages', ['*', 'requestz']],
  ])
  const exported: unknown = JSON.parse(JSON.stringify(effectiveSettings(changed)))
  const imported = importConfig(exported, HERE)
  if ('refused' in imported) throw new Error(imported.refused)
  expect(new Map(imported.set.map(({ key, value }) => [key, value]))).toEqual(changed)
  expect(imported.ignored).toEqual([])
})

test.each([null, [], 'text', 7, undefined, true])('%j is no configuration', (json) => {
  expect(importConfig(json, HERE)).toHaveProperty('refused')
})

test('a configuration of ten thousand keys is not read to its end', () => {
  const many = Object.fromEntries(Array.from({ length: 10_000 }, (_, i) => [`key_${i}`, 1]))
  const imported = importConfig(many, HERE)
  expect(imported).toHaveProperty('ignored.length', 201)
})

test('what is longer than any setting is refused with the bound and the next step, and not repeated', () => {
  const long = 'x'.repeat(1_000_000)
  const names = Array.from({ length: 100_000 }, (_, i) => `p${i}`)
  const file = { [long]: 1, allowed_packages: names, blocked_packages: long, allowed_hosts: ' '.repeat(1_000_000) }
  const imported = importConfig(file, HERE)
  if ('refused' in imported) throw new Error(imported.refused)
  const reasons = imported.ignored.map(({ reason }) => reason)
  expect(reasons).toEqual([
    expect.stringMatching(/^A key of 1000000 characters .* Next: /),
    expect.stringMatching(/ 100000 names, more than the 200 .* Next: /),
    expect.stringMatching(/ 1000000 characters, more than the 24000 .* Next: /),
    expect.stringMatching(/ 1000000 characters, more than the 24000 .* Next: /),
  ])
  expect(JSON.stringify(imported).length).toBeLessThan(3_000)
})
