/** Hosts outside the public Internet, however they are spelled. Pure: names are not looked up. */
import { trimEndOf } from '../../text/trim.ts'

/** Private addresses of machines and networks, metadata services among them; multicast and reserved ranges. */
export const PRIVATE_RANGES = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '224.0.0.0/4',
  '240.0.0.0/4',
  '::/127',
  '64:ff9b:1::/48',
  'fc00::/7',
  'fe80::/9',
  'ff00::/8',
] as const

/** Ends of names that only mean something inside a network (RFC 6761, 6762, 8375, 9476). */
const PRIVATE_ENDS = ['localhost', 'local', 'internal', 'home.arpa', 'alt']

/** Ranges of IPv6 that stand for one of IPv4, with the bits that follow the address. */
const EMBEDDING: [range: string, trailingBits: bigint][] = [
  ['::/96', 0n],
  ['::ffff:0:0/96', 0n],
  ['64:ff9b::/96', 0n],
  ['2002::/16', 80n],
]

const IPV4 = /^\d+\.\d+\.\d+\.\d+$/

/**
 * A host in the form of URLs, lower case and without a closing dot: `0x7f.1` is 127.0.0.1, `[::1]` keeps its brackets. Null for any other
 * text.
 */
export function canonicalHost(text: string): string | null {
  if (/[\s/\\?#@]/.test(text)) return null
  const bracketed = text.includes(':') && !text.startsWith('[') ? `[${text}]` : text
  const url = URL.parse(`http://${bracketed}`)
  if (url === null || url.port !== '') return null
  const host = trimEndOf(url.hostname, '.')
  return host === '' ? null : host
}

/** Returns whether a canonical host is a private name or address. A name of one label is private: no public host has such a name. */
export function isPrivateHost(host: string): boolean {
  if (host.startsWith('[')) return isPrivateV6(groupsOf(host.slice(1, -1)))
  if (IPV4.test(host)) return isIn(v4(host), 4)
  return !host.includes('.') || PRIVATE_ENDS.some((end) => host.endsWith(`.${end}`))
}

function isPrivateV6(address: bigint): boolean {
  const embeds = EMBEDDING.find(([range]) => within(address, range))
  if (embeds !== undefined && isIn((address >> embeds[1]) & 0xffffffffn, 4)) return true
  return isIn(address, 6)
}

function isIn(address: bigint, version: 4 | 6): boolean {
  return PRIVATE_RANGES.some((range) => range.includes(':') === (version === 6) && within(address, range))
}

function within(address: bigint, range: string): boolean {
  const [base = '', prefix = ''] = range.split('/')
  const [bits, start] = base.includes(':') ? [128, groupsOf(base)] : [32, v4(base)]
  const shift = BigInt(bits - Number(prefix))
  return address >> shift === start >> shift
}

function v4(dotted: string): bigint {
  return dotted.split('.').reduce((address, part) => (address << 8n) | BigInt(part), 0n)
}

/** The number of an address as URLs write it: groups of hexadecimal digits, at most one `::`. */
function groupsOf(address: string): bigint {
  const [head = '', tail] = address.split('::')
  const groups = (part: string) => part.split(':').filter(Boolean)
  const [left, right] = [groups(head), groups(tail ?? '')]
  const zeros = Array.from({ length: 8 - left.length - right.length }, () => '0')
  return [...left, ...zeros, ...right].reduce((value, group) => (value << 16n) | BigInt(`0x${group}`), 0n)
}
