/** The official suite's checks of an authorization server: its metadata, and an authorization code grant with a person in between. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { freePort } from '../support/reachable.ts'

const SUITE = fileURLToPath(
  new URL('../clients/node_modules/@modelcontextprotocol/conformance/dist/index.js', import.meta.url),
)

/** Runs them; `visit` is the person. Each scenario with how many of its checks passed and failed. */
export async function checkAuthorizationServer(
  origin: string,
  visit: (url: string) => Promise<unknown>,
): Promise<{ scenario: string; passed: number; failed: number }[]> {
  const port = await freePort()
  const suite = spawn(
    process.execPath,
    [
      SUITE,
      'authorization',
      '--url',
      origin,
      '--client-id',
      await register(origin, port),
      '--resource',
      origin,
      `--port=${port}`,
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  let output = ''
  let visited: Promise<unknown> | undefined
  suite.stdout.on('data', (chunk) => {
    output += chunk
    const url = /^(http\S+\/authorize\?\S+)\n/m.exec(output)?.[1]
    if (url !== undefined) visited ??= visit(url)
  })
  await once(suite, 'close')
  await visited
  return [...output.matchAll(/^[✓✗] (\S+): (\d+) passed, (\d+) failed$/gm)].map(
    ([, scenario = '', passed, failed]) => ({
      scenario,
      passed: Number(passed),
      failed: Number(failed),
    }),
  )
}

async function register(origin: string, port: number): Promise<string> {
  const response = await fetch(`${origin}/oauth/register`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      client_name: 'conformance',
      redirect_uris: [`http://127.0.0.1:${port}/callback`],
      token_endpoint_auth_method: 'none',
    }),
  })
  const { client_id } = (await response.json()) as { client_id: string }
  return client_id
}
