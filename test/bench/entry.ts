/** Production's Worker, and beside it one path that makes a user with a personal token. */
import { userIdOf } from '../../worker/auth/caller.ts'
import { formatCredential } from '../../worker/auth/credential.ts'
import { ALL_SCOPES } from '../../worker/auth/scopes.ts'
import type { Env } from '../../worker/env.ts'
import worker from '../../worker/index.ts'

export * from '../../worker/index.ts'

const ISSUER = 'https://issuer.example'

export default {
  async fetch(request, env, ctx) {
    const { pathname, search } = new URL(request.url)
    if (pathname !== '/measurement/token') return worker.fetch(request, env, ctx)
    const subject = search.slice(1)
    const userId = await userIdOf(ISSUER, subject)
    const account = env.ACCOUNT.getByName(userId)
    await account.signIn({ issuer: ISSUER, subject, name: subject, login: null, email: null })
    const secret = await account.createToken('measurement', ALL_SCOPES, 1)
    return new Response(await formatCredential(env, 'token', { userId, secret: secret! }))
  },
} satisfies ExportedHandler<Env>
