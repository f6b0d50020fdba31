/** What programs reach under each network policy, in a container with a network of its own (support/container-network.ts). */
import { abortAllDurableObjects, runInDurableObject } from 'cloudflare:test'
import { describe, expect, inject, test } from 'vitest'
import { runFrames } from '../session/support/events.ts'
import { newUser, outcomeOf, statusesOf, type User } from './support/user.ts'

const missing = inject('missingForNetworks')

/** Asks for each address, and prints what came of it. */
const ASK = `
import sys, urllib.request, urllib.error
class Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_): return None
ask = urllib.request.build_opener(Stay).open
for url in sys.stdin.read().split():
    try:
        answer = ask(url, timeout=20)
        print(url, answer.status, answer.read().decode().strip())
    except urllib.error.HTTPError as error:
        print(url, error.code, error.headers.get("location") or error.read().decode().strip())
    except OSError as error:
        print(url, "failed", type(getattr(error, "reason", error)).__name__)
`

async function networked(settings: object): Promise<User> {
  const user = await newUser()
  user.machine.network = true
  await configure(user, settings)
  return user
}

async function configure({ http }: User, settings: object): Promise<void> {
  const response = await http('POST', '/config', settings)
  expect(await response.text()).toContain('"')
  expect(response.status).toBe(200)
}

/** What a program got of each address, and the outcome of its run. */
async function asked(user: User, ...urls: string[]) {
  const outcome = outcomeOf(await user.run(ASK, { stdin: urls.join('\n'), timeout: 60 }))
  expect(outcome).toMatchObject({ status: 'success', stderr: '' })
  const answers = outcome.stdout
    .trim()
    .split('\n')
    .map((line) => line.slice(line.indexOf(' ') + 1))
  return { answers, outcome }
}

const PRIVATE = [
  'http://169.254.169.254/latest/meta-data/',
  'http://10.0.0.1/',
  'http://127.0.0.1/',
  'http://2130706433/',
  'http://0x7f.1/',
  'http://0177.0.0.1/',
  'http://192.168.1.1./',
  'http://[::1]/',
  'http://[fd00:ec2::254]/',
  'http://[::ffff:169.254.169.254]/',
  'http://metadata.google.internal/',
]

describe.skipIf(missing !== null)(missing ?? 'a container with a network of its own', () => {
  test('off: nothing is reached, and every host is named with the next step', async () => {
    const user = await networked({ network: 'off' })
    const urls = [
      'http://example.com/',
      'https://example.com/',
      'http://203.0.113.9/',
      'https://packages.test/simple/demo/',
    ]
    const { answers, outcome } = await asked(user, ...urls)
    for (const answer of answers)
      expect(answer).toMatch(/^403 The network policy "off" refused \S+ \(\d+\)\. Next: .*allowed_hosts/)
    expect(outcome.refused_hosts).toEqual([
      { host: 'example.com', port: 80, because: 'off' },
      { host: 'example.com', port: 443, because: 'off' },
      { host: '203.0.113.9', port: 80, because: 'off' },
      { host: 'packages.test', port: 443, because: 'off' },
    ])
    expect(outcome.hints.join('\n')).toContain(
      'policy "off" refused example.com (80), example.com (443), 203.0.113.9 (80)',
    )
    expect(user.machine.internet).toEqual([false])
    const receipt = await (await user.http('GET', `/runs/${outcome.run_id}`)).json<{ outcome: typeof outcome }>()
    expect(receipt.outcome.refused_hosts).toEqual(outcome.refused_hosts)
  })

  test('packages: the index is reached, by pip too, and nothing else', async () => {
    const user = await networked({ network: 'packages' })
    const { answers, outcome } = await asked(
      user,
      'https://packages.test/simple/demo/',
      'https://evil.packages.test/',
      'https://example.com/',
    )
    expect(answers[0]).toMatch(/^200 .*demo-1\.0/)
    expect(answers.slice(1)).toEqual([
      expect.stringMatching(/^403 The network policy "packages" refused evil\.packages\.test \(443\)/),
      expect.stringMatching(/^403 The network policy "packages" refused example\.com \(443\)/),
    ])
    expect(outcome.refused_hosts).toHaveLength(2)
    const installed = outcomeOf(await user.run('import demo\nprint(demo.VALUE)', { timeout: 60 }))
    expect(installed).toMatchObject({
      status: 'success',
      stdout: '42\n',
      installed_packages: ['demo==1.0', 'needed==2.0'],
    })
    expect(installed).not.toHaveProperty('refused_hosts')
    const pip =
      'import subprocess, sys\nsubprocess.run([sys.executable, "-m", "pip", "download", "--no-deps", "--index-url", "https://packages.test/simple", "needed"], check=True)'
    expect(outcomeOf(await user.run(pip, { timeout: 60 })).status).toBe('success')
  })

  test('allowed hosts are reached beside the policy, by their names alone', async () => {
    const user = await networked({
      network: 'off',
      allowed_hosts: ['api.example.com', '*.allowed.test', 'packages.test'],
    })
    const { answers } = await asked(
      user,
      ...[
        'https://api.example.com/a?b=c',
        'http://x.allowed.test/',
        'https://allowed.test/',
        'http://example.com/',
        'http://203.0.113.7/',
      ],
    )
    expect(answers[0]).toBe('200 reached through the Worker: https://api.example.com/a?b=c')
    expect(answers[1]).toBe('200 reached through the Worker: http://x.allowed.test/')
    expect(answers.slice(2).map((answer) => answer.slice(0, 3))).toEqual(['403', '403', '403'])
  })

  test('open: everything public is reached directly', async () => {
    const user = await networked({ network: 'open' })
    const { answers, outcome } = await asked(user, 'http://example.com/', 'http://203.0.113.9/')
    expect(answers).toEqual(['200 reached directly: http://example.com/', '200 reached directly: http://203.0.113.9/'])
    expect(outcome).not.toHaveProperty('refused_hosts')
    expect(user.machine.internet).toEqual([true])
    const tls =
      'import ssl, socket\ns = ssl._create_unverified_context().wrap_socket(socket.create_connection(("example.com", 443)), server_hostname="example.com")\ns.sendall(b"GET / HTTP/1.0\\r\\nhost: example.com\\r\\n\\r\\n")\nprint(s.recv(9999).decode())'
    expect(outcomeOf(await user.run(tls)).stdout).toContain('reached directly: https://example.com/')
  })

  test.each(['open', 'packages', 'off'])(
    'private and metadata addresses are refused under %s, however they are spelled',
    async (network) => {
      const user = await networked({ network })
      const { answers, outcome } = await asked(user, ...PRIVATE)
      for (const answer of answers) expect(answer).toMatch(/^403 .*is not on the public Internet; .*Next: /)
      expect(outcome.refused_hosts?.every(({ because }) => because === 'private')).toBe(true)
      expect(outcome.refused_hosts?.map(({ host }) => host)).toContain('169.254.169.254')
      expect(outcome.hints.join()).toContain('private and metadata addresses')
    },
  )

  test('a public name that leads to a private address leads nowhere', async () => {
    const user = await networked({ network: 'open' })
    const { answers, outcome } = await asked(user, 'http://rebound.test/')
    expect(answers[0]).toMatch(/^403 rebound\.test \(80\) is not on the public Internet/)
    expect(outcome.refused_hosts).toEqual([{ host: 'rebound.test', port: 80, because: 'private' }])
  })

  test('an allowed name in the request does not open another address', async () => {
    const user = await networked({ network: 'off', allowed_hosts: ['allowed.test'] })
    const code = `
import urllib.request
request = urllib.request.Request("http://169.254.169.254/latest", headers={"host": "allowed.test"})
print(urllib.request.urlopen(request).read().decode())`
    expect(outcomeOf(await user.run(code)).stdout).toContain('reached through the Worker: http://allowed.test/latest')
  })

  test.each(['packages', 'off'])('no raw connection leads out under %s', async (network) => {
    const user = await networked({ network, allowed_hosts: ['example.com'] })
    const code = `
import socket
for address in [("203.0.113.9", 7777), ("example.com", 22), ("1.1.1.1", 53), ("2606:4700::1111", 853)]:
    try:
        socket.create_connection(address, timeout=5)
        print("connected", address)
    except OSError as error:
        print("failed")
plain = socket.create_connection(("203.0.113.9", 80), timeout=5)
plain.sendall(b"SSH-2.0-x\\r\\n\\r\\n")
print(plain.recv(99)[:12])`
    expect(outcomeOf(await user.run(code)).stdout).toBe(`${'failed\n'.repeat(4)}b'HTTP/1.1 400'\n`)
  })

  test('under open raw connections lead out', async () => {
    const user = await networked({ network: 'open' })
    const code =
      'import socket\ns = socket.create_connection(("203.0.113.9", 7777))\ns.sendall(b"echo me")\nprint(s.recv(99))'
    expect(outcomeOf(await user.run(code)).stdout).toBe("b'echo me'\n")
  })

  test('a redirect is the program’s to follow, and is judged like any other request', async () => {
    const user = await networked({ network: 'off', allowed_hosts: ['leads-elsewhere.test'] })
    const { answers } = await asked(user, 'http://leads-elsewhere.test/')
    expect(answers).toEqual(['302 http://elsewhere.test/'])
    const followed = await user.run('import urllib.request\nurllib.request.urlopen("http://leads-elsewhere.test/")')
    expect(outcomeOf(followed)).toMatchObject({
      status: 'error',
      refused_hosts: [{ host: 'elsewhere.test', port: 80, because: 'off' }],
    })
  })

  test('a WebSocket is led through to an allowed host, and to no other', async () => {
    const user = await networked({ network: 'off', allowed_hosts: ['allowed.test'] })
    await user.run('print(1)')
    const opened = (url: string) =>
      runInDurableObject(user.sandbox(), async (_object, { exports, id }) => {
        const led = exports.ContainerProxy({ props: { containerId: id.toString(), isPrivate: false } })
        const { status, webSocket } = await led.fetch(url, { headers: { upgrade: 'websocket' } })
        if (webSocket === null) return status
        webSocket.accept()
        const said = await new Promise((resolve) => webSocket.addEventListener('message', ({ data }) => resolve(data)))
        webSocket.close()
        return said
      })
    expect(await opened('https://allowed.test/socket')).toBe('hello from https://allowed.test/socket')
    expect(await opened('https://example.com/socket')).toBe(403)
  })

  test('an allowed host that cannot be reached is an answer in words', async () => {
    const user = await networked({ network: 'off', allowed_hosts: ['allowed.test'] })
    const { answers, outcome } = await asked(user, 'http://allowed.test/broken')
    expect(answers[0]).toMatch(/^502 allowed\.test \(80\) is allowed, but could not be reached\. Next: /)
    expect(outcome).not.toHaveProperty('refused_hosts')
  })

  test('a platform that forgets at the start what was asked of it before is asked again', async () => {
    const user = await networked({ network: 'packages' })
    user.machine.forgets = true
    const { answers } = await asked(user, 'https://packages.test/simple/demo/', 'http://example.com/')
    expect(answers.map((answer) => answer.slice(0, 3))).toEqual(['200', '403'])
  })

  test('between restricting policies the container stays; the next program has the new one', async () => {
    const user = await networked({ network: 'off' })
    expect((await asked(user, 'https://packages.test/simple/demo/')).answers[0]).toMatch(/^403/)
    await configure(user, { network: 'packages' })
    expect((await asked(user, 'https://packages.test/simple/demo/')).answers[0]).toMatch(/^200/)
    await configure(user, { network: 'off', allowed_hosts: ['example.com'] })
    const { answers } = await asked(user, 'https://packages.test/simple/demo/', 'http://example.com/')
    expect(answers.map((answer) => answer.slice(0, 3))).toEqual(['403', '200'])
    expect(user.machine.internet).toEqual([false])
  })

  test('to and from open the container starts anew', async () => {
    const user = await networked({ network: 'open' })
    await asked(user, 'http://example.com/')
    await configure(user, { network: 'off' })
    const frames = await user.run(ASK, { stdin: 'http://example.com/' })
    expect(statusesOf(frames)).toEqual(['Starting the sandbox …'])
    expect(outcomeOf(frames).stdout).toContain(' 403 ')
    await configure(user, { network: 'open' })
    expect((await asked(user, 'http://example.com/')).answers[0]).toContain('reached directly')
    expect(user.machine.internet).toEqual([true, false, true])
    // Whoever waits for a certificate that never comes would not start.
    expect(user.machine.started.map((environment) => environment['SANDBOX_INTERCEPT_HTTPS'])).toEqual([
      undefined,
      '1',
      undefined,
    ])
    // Its certificate is not trusted where nobody waited for it.
    expect(user.machine.decrypted).toEqual([false, true, false])
  })

  test('what is sent to a sandbox that starts anew for open arrives once', async () => {
    const user = await networked({ network: 'off' })
    await asked(user, 'http://example.com/')
    // Its policy is open, and it did not ask first, as an installation does not.
    const events = await Array.fromAsync(user.runner.install(['six'], 60))
    expect(events.at(-1)).toMatchObject({ type: 'done' })
    expect(user.machine.decrypted).toEqual([true, false])
  })

  test('a program that is under way gets nothing more by a looser policy, and the next one nothing more than it', async () => {
    const user = await networked({ network: 'off' })
    const waits = `
import os, time
print("waiting", flush=True)
while not os.path.exists("go"):
    time.sleep(0.05)
${ASK}`
    const urls = { stdin: 'https://packages.test/simple/demo/' }
    const response = await user.http('POST', '/runs', { code: waits, ...urls, timeout: 60 })
    const seen = []
    for await (const frame of runFrames(response)) {
      seen.push(frame)
      if (frame.event !== 'stdout' || !frame.data.text?.includes('waiting')) continue
      await configure(user, { network: 'packages' })
      expect((await asked(user, urls.stdin)).answers[0]).toMatch(/^403 The network policy "off"/)
      await configure(user, { network: 'open' })
      const refused = outcomeOf(await user.run('print(1)'))
      expect(refused.error?.message).toMatch(
        /start anew, but a program is running.*Nothing of the program ran\. Next: wait/,
      )
      await configure(user, { network: 'packages' })
      await user.runner.writeFile('go', '')
    }
    expect(outcomeOf(seen).stdout).toMatch(/403 The network policy "off"/)
    expect((await asked(user, urls.stdin)).answers[0]).toMatch(/^200/)
    expect(user.machine.internet).toEqual([false])
  })

  test('a policy outlives the objects of its session and its sandbox', async () => {
    const user = await networked({ network: 'packages' })
    await asked(user, 'http://example.com/')
    await abortAllDurableObjects()
    const { answers } = await asked(user, 'http://example.com/', 'https://packages.test/simple/demo/')
    expect(answers.map((answer) => answer.slice(0, 3))).toEqual(['403', '200'])
    expect(user.machine.internet).toEqual([false])
  })

  test('an image that does not know where packages come from refuses the policy packages, with the reason', async () => {
    const user = await networked({ network: 'packages' })
    user.machine.packageHosts = false
    const { status, error } = outcomeOf(await user.run('print(1)'))
    expect({ status, type: error?.type }).toEqual({ status: 'error', type: 'NotStarted' })
    expect(error?.message).toMatch(
      /does not know which hosts packages come from\. Nothing of the program ran\. Next: .*PACKAGE_HOSTS/,
    )
    await configure(user, { network: 'off' })
    expect(outcomeOf(await user.run('print(1)')).stdout).toBe('1\n')
  })

  test('what the container says later about its index changes nothing', async () => {
    const user = await networked({ network: 'packages' })
    await asked(user, 'http://example.com/')
    const look = (await user.host('look')) as { files: string[] }
    expect(look.files).toContain('package-hosts.txt')
    const code =
      'import os, glob\nfor path in glob.glob("/tmp/container-*/package-hosts.txt"):\n    open(path, "a").write("example.com\\n")'
    await user.run(code)
    await user.host('runner', 'SIGKILL')
    await abortAllDurableObjects()
    expect((await asked(user, 'http://example.com/')).answers[0]).toMatch(/^403/)
    await configure(user, { network: 'off' })
    await configure(user, { network: 'packages' })
    expect((await asked(user, 'http://example.com/')).answers[0]).toMatch(/^403/)
  })

  test('under off nothing is installed, and the policy is said to be the reason', async () => {
    const user = await networked({ network: 'off' })
    const outcome = outcomeOf(await user.run('import demo'))
    expect(outcome).toMatchObject({ status: 'error', error: { type: 'ModuleNotFoundError' }, installed_packages: [] })
    expect(outcome.hints.join()).toMatch(/"demo" is not installed: .*network policy is "off".*Next: /)
    expect(outcome).not.toHaveProperty('refused_hosts')
  })
})
