/** `npm run deploy` with the real wrangler, against a stand-in for Cloudflare's API: that wrangler does what is left to it. */
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { startCloudflareApi } from '../support/cloudflare-api.ts'

const PROJECT = fileURLToPath(new URL('../..', import.meta.url))

test('without R2 it says what to enable; then it makes what is missing, once, and keeps wrangler.toml as it is', async () => {
  await using cloud = await startCloudflareApi()
  const home = mkdtempSync(join(tmpdir(), 'home-'))
  async function deploy(given: Record<string, string> = {}) {
    const child = spawn(process.execPath, [join(PROJECT, 'container', 'commands', 'deploy.ts'), '--skip-checks'], {
      env: {
        PATH: process.env['PATH'],
        HOME: home,
        WRANGLER_DOCKER_BIN: join(PROJECT, 'test', 'fixtures', 'deploy', 'docker.sh'),
        ...cloud.env,
        ...given,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const ended = new Promise<number | null>((resolve) => child.once('close', resolve))
    const [stdout, stderr, code] = await Promise.all([text(child.stdout), text(child.stderr), ended])
    return { stdout, stderr, code }
  }
  const config = readFileSync(join(PROJECT, 'wrangler.toml'), 'utf8')
  try {
    cloud.r2Enabled = false
    const given = { ALLOWED_USERS: '*', GITHUB_CLIENT_ID: 'Iv1.id', GITHUB_CLIENT_SECRET: '"quoted" $secret' }
    const refused = await deploy(given)
    expect(refused.stderr).toMatch(/Looking for R2 failed: .*\[code: 10042\][^]*\nFix: enable R2/)
    expect(refused.code).toBe(1)
    expect(cloud).toMatchObject({ made: [], secrets: null })

    cloud.r2Enabled = true
    const MADE = ['kv mcp-code-mode-oauth-kv', 'r2 mcp-code-mode-backups', 'containers mcp-code-mode-sandbox']
    const first = await deploy(given)
    expect(first.code, first.stderr).toBe(0)
    expect(first.stdout).toContain('https://mcp-code-mode.ann.workers.dev/mcp\n')
    expect(cloud.made).toEqual(MADE)
    expect(cloud.bindings).toContainEqual({
      type: 'kv_namespace',
      name: 'OAUTH_KV',
      namespace_id: 'kv-mcp-code-mode-oauth-kv',
    })

    const secrets = { ...cloud.secrets }
    expect(secrets).toEqual({ ...given, AUTH_SECRET: expect.stringMatching(/^[\w-]{43}$/) })

    const again = await deploy()
    expect(again.code, again.stderr).toBe(0)
    // The stand-in forgets its container application.
    expect(cloud.made).toEqual([...MADE, MADE.at(-1)])
    expect(cloud.bindings).toContainEqual(expect.objectContaining({ type: 'inherit', name: 'OAUTH_KV' }))
    expect(cloud.secrets).toEqual(secrets)
    expect(readFileSync(join(PROJECT, 'wrangler.toml'), 'utf8')).toBe(config)
  } finally {
    rmSync(home, { recursive: true, force: true })
  }
}, 180_000)
