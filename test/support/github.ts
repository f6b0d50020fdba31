/**
 * What GitHub's side of a sign-in does, as its documentation says, at the paths of a GitHub Enterprise server: a stand-in, as the real
 * one cannot be reached from a test. It checks the client's secret, the code and PKCE.
 */
import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'

export const GITHUB_CLIENT = { GITHUB_CLIENT_ID: 'github-client', GITHUB_CLIENT_SECRET: 'github-client-secret' }

export interface GitHubUser {
  id: number
  login: string
  name: string | null
  emails: { email: string; primary: boolean; verified: boolean }[]
}

export interface GitHub {
  url: string
  /** Who is signed in at GitHub; null: they decline. */
  user: GitHubUser | null
  stop(): Promise<void>
}

export async function startGitHub(): Promise<GitHub> {
  const codes = new Map<string, { challenge: string; redirectUri: string; user: GitHubUser }>()
  const tokens = new Map<string, GitHubUser>()

  const server = createServer((request, response) => {
    const url = new URL(request.url!, 'http://github')
    const json = (body: unknown, status = 200) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    const user = tokens.get((request.headers.authorization ?? '').replace(/^bearer /i, ''))
    switch (url.pathname) {
      case '/login/oauth/authorize': {
        const back = new URL(url.searchParams.get('redirect_uri')!)
        back.searchParams.set('state', url.searchParams.get('state')!)
        if (github.user === null) back.searchParams.set('error', 'access_denied')
        else {
          const code = randomBytes(10).toString('hex')
          const challenge = url.searchParams.get('code_challenge')!
          codes.set(code, { challenge, redirectUri: url.searchParams.get('redirect_uri')!, user: github.user })
          back.searchParams.set('code', code)
        }
        return response.writeHead(302, { location: back.href }).end()
      }
      case '/login/oauth/access_token':
        return void redeem(request).then((answer) => json(answer))
      case '/api/v3/user':
        return user === undefined ? json({}, 401) : json({ id: user.id, login: user.login, name: user.name })
      case '/api/v3/user/emails':
        return user === undefined ? json({}, 401) : json(user.emails)
      default:
        return json({}, 404)
    }
  })

  /** GitHub answers errors with 200. */
  async function redeem(request: IncomingMessage): Promise<object> {
    const form = new URLSearchParams(await text(request))
    const basic = Buffer.from((request.headers.authorization ?? '').replace(/^basic /i, ''), 'base64').toString()
    const [id, secret] = basic === '' ? [form.get('client_id'), form.get('client_secret')] : basic.split(':')
    const code = codes.get(form.get('code') ?? '')
    codes.delete(form.get('code') ?? '')
    const verifier = createHash('sha256')
      .update(form.get('code_verifier') ?? '')
      .digest('base64url')
    if (id !== GITHUB_CLIENT.GITHUB_CLIENT_ID || secret !== GITHUB_CLIENT.GITHUB_CLIENT_SECRET) {
      return { error: 'incorrect_client_credentials' }
    }
    if (code === undefined || code.challenge !== verifier || code.redirectUri !== form.get('redirect_uri')) {
      return { error: 'bad_verification_code' }
    }
    const token = `gho_${randomBytes(16).toString('hex')}`
    tokens.set(token, code.user)
    return { access_token: token, token_type: 'bearer', scope: 'read:user,user:email' }
  }

  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const github: GitHub = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    user: null,
    async stop() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
  return github
}
