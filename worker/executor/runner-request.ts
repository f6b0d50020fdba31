/** Meaning of a request to the runner for its container. Paths as in container/PROTOCOL.md. */

export interface RequestKind {
  /** Concerns one run, which is gone with its container. */
  isAboutARun: boolean
  /** Starts a run. */
  startsARun: boolean
  /** Executes the user's code: a program, or the code of packages that are installed. */
  startsCode: boolean
  /** May be sent twice. */
  changesNothing: boolean
  /** Deletes the content of the workspace. */
  empties: boolean
  /** Deletes the whole workspace. */
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
