/** Users of this server, with real personal tokens, beside the local developer. */
import { env } from 'cloudflare:test'
import { userIdOf } from '../../../worker/auth/caller.ts'
import { formatCredential } from '../../../worker/auth/credential.ts'
import type { Identity } from '../../../worker/auth/identity/identity.ts'
import type { Env } from '../../../worker/env.ts'
import { ALL_SCOPES, type Scope } from '../../../worker/auth/scopes.ts'

const ISSUER = 'https://issuer.example'

export const idOfUser = (name: string) => userIdOf(ISSUER, name)

export function identityOfUser(name: string): Identity {
  return { issuer: ISSUER, subject: name, name, login: null, email: `${name}@users.example` }
}

/** A new token of the user with this name. */
export async function userToken(name: string, scopes: Scope[] = ALL_SCOPES): Promise<string> {
  const userId = await idOfUser(name)
  const account = (env as Env).ACCOUNT.getByName(userId)
  await account.signIn(identityOfUser(name))
  const secret = await account.createToken('test', scopes, 1)
  if (secret === null) throw new Error('too many tokens')
  return formatCredential(env as Env, 'token', { userId, secret })
}
