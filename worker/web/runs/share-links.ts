/** The addresses of share links, for the pages of who made them. */
import type { Context } from 'hono'
import { publicOrigin } from '../../auth/oauth.ts'
import { sealShare } from '../../auth/share-token.ts'
import type { Env } from '../../env.ts'
import type { Share } from '../../session/sharing/shares.ts'
import type { ShownLink } from './looks/share.ts'

type Ctx = Context<{ Bindings: Env }>

export const SHARED = '/shared'

/** Whether the operator lets users show runs to anybody who has a link. */
export function sharesAreOn({ SHARE_LINKS = '' }: Env): boolean {
  return SHARE_LINKS.trim().toLowerCase() !== 'off'
}

/** The links of a user, with their addresses. */
export async function linksOf(c: Ctx, userId: string, control: { shares(): Promise<Share[]> }): Promise<ShownLink[]> {
  if (!sharesAreOn(c.env)) return []
  const origin = publicOrigin(c.req.raw, c.env)
  return Promise.all(
    (await control.shares()).map(async (share) => ({
      ...share,
      url: `${origin}${SHARED}/${await sealShare(c.env, { userId, shareId: share.id })}`,
    })),
  )
}
