/** The server under test: `npm run dev` over one folder and one port, started again whenever it has ended, and its signed-in users. */
import { once } from 'node:events'
import { setTimeout } from 'node:timers/promises'
import { ALL_SCOPES } from '../../worker/auth/scopes.ts'
import { CookieBrowser } from '../support/cookie-browser.ts'
import { type DevServer, startDevServer } from '../support/dev-server.ts'
import { GITHUB_CLIENT, type GitHub } from '../support/github.ts'
import { type Container, containersOf } from './containers.ts'
import type { Violation } from './history.ts'
import type { User } from './load.ts'
import { freePort, isHealthy } from '../support/reachable.ts'

const START_TRIES = 3
const HEALTH_CHECK_MS = 100

export interface Server {
  origin: string
  /** The folder of its state, which stays the same. */
  state: string
  /** The process of `npm run dev`; null while none runs. */
  top(): number | null
  /** Containers of its users, where programs run in them. */
  containers(): Promise<Container[]>
  /** Resolves when it answers; rejects when it could not be started again. */
  answers(): Promise<void>
  starts(): number
  /** Starts that were refused. */
  violations: Violation[]
  /** Ends it in order; resolves when its process has ended. */
  end(): Promise<void>
  remove(): Promise<void>
}

/** `containers`: programs run in containers. */
export async function startServer(github: GitHub, temporary: string, containers: boolean): Promise<Server> {
  const args = ['--port', String(await freePort()), ...(containers ? ['--container'] : [])]
  const vars = { GITHUB_URL: github.url, ...GITHUB_CLIENT, ALLOWED_USERS: '*', REQUESTS_PER_MINUTE: '1000000' }
  const begin = (from?: DevServer) =>
    startDevServer({ TMPDIR: temporary }, { args, vars, ownWorkspaces: true, ...(from && { from }) })

  const violations: Violation[] = []
  let server = await begin()
  let isEnding = false
  let isUp = true
  let starts = 1
  let dead: unknown
  const { origin, state } = server
  const watch = () => {
    server.child.once('exit', () => {
      isUp = false
      if (!isEnding) void again()
    })
  }
  const again = async () => {
    for (let tries = 1; ; tries++) {
      try {
        const next = await begin(server)
        if (isEnding) return void next.child.kill('SIGTERM')
        starts++
        server = next
        isUp = true
        return watch()
      } catch (error) {
        violations.push({ kind: 'start', what: error instanceof Error ? error.message : String(error) })
        if (tries === START_TRIES) {
          dead = error
          return
        }
        await setTimeout(1000)
      }
    }
  }
  watch()

  return {
    origin,
    state,
    violations,
    top: () => (isUp ? server.child.pid! : null),
    containers: async () => (containers ? containersOf(state) : []),
    starts: () => starts,
    async answers() {
      while (!(isUp && (await isHealthy(origin)))) {
        if (dead !== undefined) throw dead
        await setTimeout(HEALTH_CHECK_MS)
      }
    },
    async end() {
      isEnding = true
      if (!isUp) return
      const ended = once(server.child, 'exit')
      server.child.kill('SIGTERM')
      await ended
    },
    remove: () => server.stop(),
  }
}

/** Signs somebody in at GitHub's stand-in, and makes a personal token for them. */
export async function signIn(origin: string, github: GitHub, number: number): Promise<User> {
  github.user = { id: 1000 + number, login: `user${number}`, name: null, emails: [] }
  const browser = new CookieBrowser((request) => fetch(request), origin)
  const away = await browser.get('/sign-in/github?return=/account')
  const back = await fetch(away.headers.get('location')!, { redirect: 'manual' })
  await browser.get(back.headers.get('location')!)
  const fields = { name: 'trust', days: '1', scope: ALL_SCOPES }
  const page = await (await browser.post('/account/tokens', fields)).text()
  const token = /<pre id="new-token"[^>]*>([^<]+)</.exec(page)?.[1]
  if (token === undefined) throw new Error(`no token was made: ${page}`)
  return { token, id: browser.cookies().get('__Host-session')!.slice(0, 32) }
}
