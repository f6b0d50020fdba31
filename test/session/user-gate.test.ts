/** What proves that this server named a user: for one use, and for as long as the secret is the same. */
import { env } from 'cloudflare:test'
import { expect, test } from 'vitest'
import { passesGate, userGate } from '../../worker/auth/user-gate.ts'
import type { Env } from '../../worker/env.ts'

const USER = 'a'.repeat(32)

function withSecret(secret: string): Env {
  return { ...(env as Env), AUTH_SECRET: secret.repeat(32) }
}

test('a proof is good for its user, its use and its secret alone, whichever secrets were used before', async () => {
  const [one, other] = [withSecret('1'), withSecret('2')]
  const gate = await userGate(one, 'token', USER)
  const asked = [
    passesGate(one, 'token', USER, gate),
    passesGate(one, 'link', USER, gate),
    passesGate(one, 'token', 'b'.repeat(32), gate),
    passesGate(other, 'token', USER, gate),
    passesGate(other, 'token', USER, await userGate(other, 'token', USER)),
    passesGate(one, 'token', USER, gate),
    passesGate({ ...one, AUTH_SECRET: '', DEV_TOKEN: '' }, 'token', USER, gate),
  ]
  expect(await Promise.all(asked)).toEqual([true, false, false, false, true, true, false])
})
