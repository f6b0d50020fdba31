/** What a request to the runner means for the container that it goes to. Paths as in container/PROTOCOL.md. */

export interface RequestKind {
  /** It is about one run, which is gone with its container. */
  isAboutARun: boolean
  /** It starts a run. */
  startsARun: boolean
  /** It has the user's code executed: a program, or what packages do when they are installed. */
  startsCode: boolean
  /** What it asks for may be asked for twice. */
  changesNothing: boolean
  /** It deletes what is in the workspace, */
  empties: boolean
  /** or all that there is of it. */
  wipes: boolean
}

export function kindOf({ method, url }: Pick<Request, 'method' | 'url'>): RequestKind {
  const { pathname, search } = new URL(url)
  const isWhole = method === 'DELETE' && /^\/w\/[^/]+$/.test(pathname)
  return {
    isAboutARun: /^\/w\/[^/]+\/runs\/./.test(pathname),
    startsARun: method === 'POST' && /^\/w\/[^/]+\/runs$/.test(pathname),
    startsCode: method === 'POST' && /^\/w\/[^/]+\/(?:runs|packages)$/.test(pathname),
    changesNothing: method === 'GET' || pathname.endsWith('/check'),
    empties: isWhole && search === '',
    wipes: isWhole && search !== '',
  }
}
