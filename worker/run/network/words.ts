/** Refused hosts in words, each with the next step. */
import type { RefusedHost } from './policy.ts'

/** Most hosts that one sentence names; the receipt has them all. */
const MAX_NAMED = 10

/** Answer to a program that asked for a refused host. */
export function refusedHostWords({ host, port, because }: RefusedHost): string {
  return because === 'private'
    ? `${host} (${port}) is not on the public Internet; private and metadata addresses are refused under every network policy. Next: use a public address.`
    : `The network policy "${because}" refused ${host} (${port}). Next: ${permitWords(because)}`
}

/** Hints for the caller about hosts that were refused while a program ran. */
export function refusedHostsHints(refused: readonly RefusedHost[]): string[] {
  return (['off', 'packages', 'private'] as const).flatMap((because) => {
    const hosts = refused.filter((each) => each.because === because)
    if (hosts.length === 0) return []
    const more = hosts.length > MAX_NAMED ? ` and ${hosts.length - MAX_NAMED} more` : ''
    const named = hosts.slice(0, MAX_NAMED).map(({ host, port }) => `${host} (${port})`)
    const names = `${named.join(', ')}${more}`
    return because === 'private'
      ? `While it ran, ${names} was refused: private and metadata addresses are, under every network policy. Next: use a public address.`
      : `While it ran, the network policy "${because}" refused ${names}. Next: ${permitWords(because)}`
  })
}

function permitWords(because: 'off' | 'packages'): string {
  const index = because === 'off' ? ', or "packages" for the package index' : ''
  return `if it is needed, let the user add the host to the setting allowed_hosts with configure, or set network to "open"${index}; that holds once no program of theirs is running.`
}
