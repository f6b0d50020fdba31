/** The paths beside /mcp, made from a session's parts: their handlers, and what other parts of the session do with them. */
import type { VerifiedCaller } from '../../auth/caller.ts'
import { DownloadLinks } from './download-links.ts'
import { RunFeed } from './run-feed.ts'
import { SeenGrants } from './seen-grants.ts'
import { OpenStreams } from '../http/open-streams.ts'
import { type PathsDeps, type Routers, routersOf } from './routers.ts'

export class PathsBesideMcp {
  /** To be told of runs that are accepted, begin and end. */
  readonly feed: RunFeed
  /** Links that work without a token. */
  readonly links: DownloadLinks
  /** When apps used these paths last. */
  readonly grants: SeenGrants
  /** Streams of /mcp, too. */
  readonly streams = new OpenStreams()
  readonly routers: Omit<Routers, '/mcp'>

  constructor(deps: PathsDeps) {
    this.feed = new RunFeed((id) => deps.caller.listRuns({ id, limit: 1 })?.runs[0])
    this.links = new DownloadLinks(deps)
    this.grants = new SeenGrants(deps)
    this.routers = routersOf(deps, {
      live: () => this.feed.read(),
      opened: (reader, end) => this.streams.add(reader, end),
      key: () => this.links.key(),
      downloadUrl: (path, origin) => this.links.url(path, origin),
    })
  }

  /** Ends what these callers have open, whose access has ended. Who may still read the list of runs asks for it again. */
  ended(isEnded: (caller: VerifiedCaller) => boolean): void {
    this.feed.end()
    this.streams.end(isEnded)
  }

  /** Ends what an ended grant has open, and forgets it. */
  grantEnded(grantId: string): void {
    this.grants.forget(grantId)
    this.ended((caller) => caller.grantId === grantId)
  }

  /** Ends what was allowed until this time (milliseconds since 1970), and forgets all grants. */
  allEnded(until: number): void {
    this.grants.forget()
    this.ended(({ authorizedAt }) => authorizedAt <= until)
  }
}
