/** The address under which requests of a client are counted. */
import { isIPv4, isIPv6 } from 'node:net'

/** The one address for every text that is none. */
const UNKNOWN = 'unknown'

/**
 * An IPv4 address counts as itself, also when it is written as IPv6 (`::ffff:192.0.2.1`). Any other IPv6 address counts as its /64: a
 * client that has one address of it has all.
 */
export function countedAs(address: string): string {
  if (isIPv4(address)) return address
  // A zone, as in `fe80::1%eth0`, only means something on the machine itself.
  if (!isIPv6(address) || address.includes('%')) return UNKNOWN
  const groups = groupsOf(address)
  const [high, low] = [groups[6]!, groups[7]!]
  const isMapped = groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff
  if (isMapped) return [high >> 8, high & 0xff, low >> 8, low & 0xff].join('.')
  return `${groups
    .slice(0, 4)
    .map((group) => group.toString(16))
    .join(':')}::/64`
}

/** The eight groups of a valid IPv6 address. */
function groupsOf(address: string): number[] {
  // URLs write the address without IPv4 at its end.
  const [head = '', tail = ''] = new URL(`http://[${address}]`).hostname.slice(1, -1).split('::')
  const [left, right] = [head, tail].map((part) =>
    part
      .split(':')
      .filter(Boolean)
      .map((group) => parseInt(group, 16)),
  )
  const zeros = Array<number>(8 - left!.length - right!.length).fill(0)
  return [...left!, ...zeros, ...right!]
}
