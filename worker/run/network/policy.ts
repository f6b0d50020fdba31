/** Network policy of a user's programs, and the judgement of one host. Pure; `executor/` enforces it, outside the container. */
import * as z from 'zod'
import { canonicalHost, isPrivateHost } from './addresses.ts'

/** The settings of these names. `allowed_hosts` are names, or `*.` and one: everything below it, but not that name itself. */
export const networkPolicy = z.object({
  network: z.enum(['open', 'packages', 'off']),
  allowed_hosts: z.array(z.string()).readonly(),
})
export type NetworkPolicy = z.infer<typeof networkPolicy>

/** A host that a program was refused. `because`: the policy that did it, or `private`, as such hosts are refused under every one. */
export const refusedHost = z.object({
  host: z.string().max(253),
  port: z.int().min(0).max(65_535),
  because: z.enum(['private', 'packages', 'off']),
})
export type RefusedHost = z.infer<typeof refusedHost>

/** Hosts in the operator's text, or in a list of others: in canonical form, at most 100. */
export function hostList(text: string | readonly string[]): string[] {
  const parts = typeof text === 'string' ? text.split(/[\s,]+/) : text
  const hosts = parts.map(canonicalHost).filter((host) => host !== null)
  return [...new Set(hosts)].slice(0, MAX_PACKAGE_HOSTS)
}
const MAX_PACKAGE_HOSTS = 100

/**
 * The reason why a host is refused, or null when every one of `policies` allows it. `packageHosts` are those of the package index, in
 * canonical form. No policy at all allows nothing.
 */
export function judgeHost(
  hostname: string,
  policies: readonly NetworkPolicy[],
  packageHosts: readonly string[],
): RefusedHost['because'] | null {
  const host = canonicalHost(hostname)
  if (host === null || isPrivateHost(host)) return 'private'
  if (policies.length === 0) return 'off'
  for (const { network, allowed_hosts } of policies) {
    if (network === 'open' || allowed_hosts.some((allowed) => covers(allowed, host))) continue
    if (network === 'off' || !packageHosts.includes(host)) return network
  }
  return null
}

/** Returns whether both allow the same. */
export function samePolicy(one: NetworkPolicy, other: NetworkPolicy): boolean {
  const key = ({ network, allowed_hosts }: NetworkPolicy) =>
    network === 'open' ? network : JSON.stringify([network, allowed_hosts.toSorted()])
  return key(one) === key(other)
}

function covers(allowed: string, host: string): boolean {
  return allowed.startsWith('*.') ? host.endsWith(allowed.slice(1)) : host === canonicalHost(allowed)
}
