import { expect, test } from 'vitest'
import { canonicalHost, isPrivateHost } from '../../../worker/run/network/addresses.ts'
import { hostList, judgeHost, type NetworkPolicy, samePolicy } from '../../../worker/run/network/policy.ts'
import { refusedHostsHints, refusedHostWords } from '../../../worker/run/network/words.ts'

const INDEX = ['packages.test', 'files.packages.test']
const policy = (network: NetworkPolicy['network'], ...allowed_hosts: string[]) => ({ network, allowed_hosts })
const judge = (host: string, ...policies: NetworkPolicy[]) => judgeHost(host, policies, INDEX)

const PRIVATE = `
  127.0.0.1 127.1 2130706433 0x7f000001 0x7f.1 0177.0.0.1 017700000001 127.0.0.1. 127.255.255.254 0.0.0.0 0 1 255.255.255.255
  10.0.0.1 10.255.255.255 167772161 0xa.0.0.1 012.0.0.1 172.16.0.1 172.31.255.255 192.168.1.1 3232235777 192.0.0.192 198.18.0.1 198.19.255.255
  169.254.169.254 2852039166 0xa9fea9fe 0xA9.0xFE.0xA9.0xFE 0251.0376.0251.0376 169.254.43518 100.64.0.1 100.100.100.200 100.127.255.255
  224.0.0.1 239.255.255.250 240.0.0.1 127%2e0.0.1 １２７.0.0.1 ①②⑦.0.0.1
  ::1 :: [::1] 0:0:0:0:0:0:0:1 fe80::1 febf::1 fec0::1 fc00::1 fd00:ec2::254 fdff::1 ff02::1
  ::ffff:127.0.0.1 ::ffff:169.254.169.254 ::ffff:a9fe:a9fe 0:0:0:0:0:ffff:10.0.0.1 ::10.0.0.1 64:ff9b::169.254.169.254 64:ff9b:1::1 2002:7f00:1::
  2002:a9fe:a9fe::1
  localhost LOCALHOST localhost. localhost.. a.localhost foo.local foo.LOCAL. metadata.google.internal metadata.google.internal.
  anything.internal internal metadata instance-data router.home.arpa
`
  .trim()
  .split(/\s+/)

test.each(PRIVATE)('%s is private under every policy', (host) => {
  for (const each of [policy('open'), policy('packages'), policy('off', host, '*.internal', '*.0.0.1')]) {
    expect(judge(host, each)).toBe('private')
  }
})

const PUBLIC = `
  example.com EXAMPLE.com. 8.8.8.8 134744072 9.255.255.255 11.0.0.1 172.15.255.255 172.32.0.1 192.167.255.255 192.169.0.1 169.253.0.1 169.255.0.1 100.63.255.255
  100.128.0.1 126.255.255.255 128.0.0.1 198.17.0.1 198.20.0.1 223.255.255.255 2606:4700::1111 ::ffff:8.8.8.8 64:ff9b::8.8.8.8 2002:808:808::1 fbff::1
  localhost.example.com internal.example.com notlocal.com mylocalhost.io 10.0.0.1.example.com
`
  .trim()
  .split(/\s+/)

test.each(PUBLIC)('%s is public', (host) => {
  expect(isPrivateHost(canonicalHost(host)!)).toBe(false)
  expect([judge(host, policy('open')), judge(host, policy('off')), judge(host, policy('packages'))]).toEqual([
    null,
    'off',
    'packages',
  ])
})

test.each([
  '',
  ' ',
  'a b',
  'exa/mple.com',
  'user@example.com',
  'example.com#x',
  'a\\b.com',
  '[::1',
  '1.2.3.4.5.',
  '256.1.1.1',
  '.',
])('what is no host is refused: %j', (host) => expect(judge(host, policy('open'))).toBe('private'))

test('packages reaches the index, off does not, and neither has anything else', () => {
  expect(judge('packages.test', policy('packages'))).toBeNull()
  expect(judge('FILES.packages.test.', policy('packages'))).toBeNull()
  expect(judge('evil.packages.test', policy('packages'))).toBe('packages')
  expect(judge('packages.test.evil.com', policy('packages'))).toBe('packages')
  expect(judge('packages.test', policy('off'))).toBe('off')
  expect(judgeHost('packages.test', [policy('packages')], [])).toBe('packages')
})

test('an allowed host is that host; with *. it is what lies below', () => {
  const allowing = policy('off', 'api.example.com', '*.example.org')
  expect(judge('API.example.com.', allowing)).toBeNull()
  expect(judge('a.b.example.org', allowing)).toBeNull()
  for (const host of ['example.com', 'x.api.example.com', 'example.org', 'evilexample.org', 'a.example.org.evil.com']) {
    expect(judge(host, allowing)).toBe('off')
  }
  expect(judge('api.example.com', policy('packages', 'api.example.com'))).toBeNull()
})

test('under several policies only what all allow is reached, under none nothing', () => {
  const both = [policy('packages', 'a.test.com'), policy('off', 'packages.test', 'b.test.com')]
  expect(judge('packages.test', ...both)).toBeNull()
  expect(judge('a.test.com', ...both)).toBe('off')
  expect(judge('b.test.com', ...both)).toBe('packages')
  expect(judge('example.com')).toBe('off')
})

test('policies are the same whatever the order of their hosts', () => {
  expect(samePolicy(policy('off', 'a.com', 'b.com'), policy('off', 'b.com', 'a.com'))).toBe(true)
  expect(samePolicy(policy('open', 'a.com'), policy('open'))).toBe(true)
  expect(samePolicy(policy('off', 'a.com'), policy('packages', 'a.com'))).toBe(false)
  expect(samePolicy(policy('off', 'a.com'), policy('off', 'b.com'))).toBe(false)
})

test('the hosts of an index are read from the operator’s text and from a list, what is none left out', () => {
  expect(hostList(' Packages.test., files.packages.test\nbad/host packages.test')).toEqual(INDEX)
  expect(hostList(['files.packages.test', ''])).toEqual(['files.packages.test'])
  expect(hostList(Array.from({ length: 200 }, (_, n) => `h${n}.test`))).toHaveLength(100)
})

test('refused hosts are named with the policy and the next step', () => {
  const refused = { host: 'example.com', port: 443, because: 'packages' as const }
  expect(refusedHostWords(refused)).toMatch(
    /^The network policy "packages" refused example\.com \(443\)\. Next: .*allowed_hosts.*configure/,
  )
  expect(refusedHostWords({ host: '10.0.0.1', port: 80, because: 'private' })).toMatch(/every network policy\. Next: /)
  const many = Array.from({ length: 12 }, (_, n) => ({ host: `h${n}.com`, port: 80, because: 'off' as const }))
  const hints = refusedHostsHints([...many, refused, { host: '[::1]', port: 80, because: 'private' }])
  expect(hints).toHaveLength(3)
  expect(hints[0]).toContain('h9.com (80) and 2 more')
  expect(hints[1]).toContain('policy "packages" refused example.com (443)')
  expect(hints[2]).toContain('[::1] (80)')
  expect(refusedHostsHints([])).toEqual([])
})
