/** The import rule of ARCHITECTURE.md is a lint rule; a seeded violation of each part proves that it fires. */
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'

const PROJECT = fileURLToPath(new URL('../..', import.meta.url))

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'import-rule-'))
  cpSync(join(PROJECT, '.oxlintrc.json'), join(folder, '.oxlintrc.json'))
  symlinkSync(join(PROJECT, 'node_modules'), join(folder, 'node_modules'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test.each([
  ['worker/run/seeded.ts', '../session/session.ts', 'The core knows neither'],
  ['worker/run/failures/seeded.ts', '../../session/session.ts', 'The core knows neither'],
  ['worker/run/seeded.ts', '../runner/client.ts', 'The core knows neither'],
  ['worker/run/packages/seeded.ts', 'cloudflare:workers', 'The core knows neither'],
  ['worker/run/seeded.ts', 'agents', 'The core knows neither'],
  ['worker/settings/seeded.ts', '../mcp/server.ts', 'The core knows neither'],
  ['worker/files/seeded.ts', '../mcp/server.ts', 'The core knows neither'],
  ['worker/learning/secrets/seeded.ts', '../../mcp/server.ts', 'The core knows neither'],
  ['worker/runner/seeded.ts', 'hono', 'The core knows neither'],
  ['worker/runner/seeded.ts', '../executor/disk.ts', 'The core knows neither'],
  ['worker/text/seeded.ts', '../run/outcome.ts', 'texts alone'],
  ['worker/mcp/seeded.ts', '../session/runs/live-runs.ts', 'Caller interface'],
  ['worker/mcp/tools/seeded.ts', '../../web/app.ts', 'Caller interface'],
  ['worker/auth/seeded.ts', '../run/outcome.ts', 'not what they do here'],
  ['worker/auth/identity/seeded.ts', '../../session/session.ts', 'not what they do here'],
  ['worker/executor/seeded.ts', '../session/session.ts', 'not who uses them'],
  ['worker/executor/sandbox.ts', '../mcp/server.ts', 'not who uses them'],
  ['worker/session/http/seeded.ts', '../../web/app.ts', 'knows nothing of it'],
  ['worker/web/seeded.ts', '../mcp/server.ts', 'what it serves'],
  ['worker/web/pages/seeded.ts', '../../learning/learning.ts', 'what it serves'],
  ['worker/session/seeded.ts', '../index.ts', 'imported by none'],
  ['worker/run/seeded.ts', '../index.ts', 'imported by none'],
  ['worker/session/store/seeded.ts', '../../index.ts', 'imported by none'],
  ['worker/executor/sandbox.ts', '../index.ts', 'imported by none'],
  ['worker/executor/seeded.ts', '@cloudflare/sandbox', 'Only executor/sandbox.ts'],
  ['worker/session/seeded.ts', '@cloudflare/containers', 'Only executor/sandbox.ts'],
  ['worker/run/seeded.ts', '@cloudflare/sandbox', 'Only executor/sandbox.ts'],
  ['worker/mcp/tools/seeded.ts', '@cloudflare/sandbox/openai', 'Only executor/sandbox.ts'],
])('%s may not import %s', (file, specifier, reason) => {
  expect(lint({ [file]: `import * as it from '${specifier}'\nconsole.log(it)\n` })).toContain(reason)
})

test('a cycle is found', () => {
  const files = {
    'worker/session/one.ts': `import { two } from './two.ts'\nexport const one = () => two\n`,
    'worker/session/two.ts': `import { one } from './one.ts'\nexport const two = () => one\n`,
  }
  expect(lint(files)).toContain('no-cycle')
})

test('what the rule allows passes', () => {
  const files = {
    'worker/run/seeded.ts': `import { z } from 'zod'\nexport const it = z.string()\n`,
    'worker/session/seeded.ts': `import { it } from '../run/seeded.ts'\nconsole.log(it)\n`,
  }
  expect(lint(files)).toContain('Found 0 warnings and 0 errors')
})

function lint(files: Record<string, string>): string {
  rmSync(join(folder, 'worker'), { recursive: true, force: true })
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(folder, dirname(name)), { recursive: true })
    writeFileSync(join(folder, name), text)
  }
  const oxlint = join(PROJECT, 'node_modules', '.bin', 'oxlint')
  return spawnSync(oxlint, ['worker'], { cwd: folder, encoding: 'utf8' }).stdout
}
