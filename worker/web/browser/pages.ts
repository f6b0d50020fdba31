/** Pages by which a browser gets in and out, and the account's. */
import { Hono } from 'hono'
import type { Env } from '../../env.ts'
import { accountRoutes } from './account.ts'
import type { AccountDeps } from '../session-control.ts'
import { authorizeRoutes } from './authorize.ts'
import { signInOnceRoutes } from './sign-in-once.ts'
import { signInRoutes } from './sign-in.ts'
import { signOutRoutes } from './sign-out.ts'

export const BROWSER_PATHS = ['/authorize', '/sign-in', '/sign-in/*', '/sign-out', '/account', '/account/*']

export function browserPages({ rolesAt, session }: AccountDeps): Hono<{ Bindings: Env }> {
  return new Hono<{ Bindings: Env }>()
    .route('/', authorizeRoutes(rolesAt))
    .route('/', signInOnceRoutes(session))
    .route('/', signInRoutes(session))
    .route('/', signOutRoutes(session))
    .route('/', accountRoutes({ rolesAt, session }))
}
