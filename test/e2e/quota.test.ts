/** The workspace's quota as an operator sets it and clients are told of it. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { CLIENTS } from '../support/clients.ts'
import { type DevServer, startDevServer } from '../support/dev-server.ts'

let server: DevServer
beforeAll(async () => {
  server = await startDevServer({}, { vars: { WORKSPACE_QUOTA_MIB: '8' } })
}, 180_000)
afterAll(() => server?.stop())

const BIG = "import os; big = os.path.join(os.environ['TMPDIR'], 'big.bin')"

test.each(Object.entries(CLIENTS))(
  '%s: who fills the workspace is ended, told, and can make room',
  async (_name, { connect }) => {
    const client = await connect(server.origin, server.token)
    const lines: string[] = []
    const ended = await client.run(
      { code: `${BIG}\nprint('begun')\nopen(big, 'wb').write(b'x' * 20 * 1024 ** 2)\nimport time; time.sleep(40)` },
      { onProgress: (line) => lines.push(line) },
    )
    expect(lines.join('')).toContain('begun')
    expect(ended).toMatchObject({ isError: true, outcome: { status: 'error', error: { type: 'WorkspaceQuota' } } })
    expect(ended.text).toMatch(/the workspace holds 20(\.\d+)? MiB of 8 MiB, so the program was stopped/)
    expect(ended.text).toMatch(/The workspace is full: .* Next: delete with a program what is not needed/)
    expect((await client.call('get_system_context')).text).toMatch(/takes 20(\.\d+)? MiB of 8 MiB: it is full/)

    const refused = await client.run({
      code: `${BIG}\nprint(os.path.getsize(big))\nopen('more.txt', 'w').write('x' * 100_000)`,
    })
    expect(refused.outcome).toMatchObject({ stdout: `${20 * 1024 ** 2}\n`, error: { type: 'WorkspaceQuota', line: 3 } })

    const freed = await client.run({ code: `${BIG}\nos.remove(big)` })
    expect(freed.outcome).toMatchObject({ status: 'success', hints: [expect.stringContaining('now there is room')] })
    const again = await client.run({ code: "open('more.txt', 'w').write('x' * 100_000)" })
    expect(again.outcome).toMatchObject({ status: 'success', hints: [] })
    await client.close()
  },
)
