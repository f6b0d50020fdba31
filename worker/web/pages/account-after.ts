/** What a form of the account page has ended, and the address that says so afterwards. */
const PLACES = { app: 'apps', token: 'tokens', link: 'shared' }

export type EndedThing = keyof typeof PLACES

export const ENDED: Record<EndedThing, string> = {
  app: 'The app is disconnected.',
  token: 'The token is revoked.',
  link: 'The link is revoked.',
}

/** Where a browser goes when a form has ended something: to the list where it stood. */
export const accountAfter = (ended: EndedThing) => `/account?ended=${ended}#${PLACES[ended]}`
