/** Everything that is kept for a user, as one download: what others' programs find in it. */
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtemp, readFile, readdir, readlink, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { signedInPage } from '../../support/signed-in-page.ts'

const it = signedInPage()

test('an archive is whole while learnings are changed and deleted all the time', async () => {
  const LEARNINGS = 4_000
  const headers = { authorization: `Bearer ${it.server.token}`, 'content-type': 'application/json' }
  const ask = (method: string, path: string, body?: object) =>
    fetch(it.server.origin + path, { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) })
  const entries = Array.from({ length: LEARNINGS }, (_, n) => ({
    error_pattern: `E${n}`,
    solution: createHash('sha512').update(`${n}`).digest('hex').repeat(3),
  }))
  expect(await (await ask('POST', '/learnings/import', entries)).json()).toMatchObject({ added: LEARNINGS })
  const { learnings } = (await (await ask('GET', '/learnings/export')).json()) as { learnings: { id: string }[] }

  const { cookies } = await it.context.storageState()
  const cookie = cookies.map(({ name, value }) => `${name}=${value}`).join('; ')
  const answer = await fetch(`${it.server.origin}/account/export`, {
    method: 'POST',
    headers: { cookie, origin: it.server.origin, 'content-type': 'application/x-www-form-urlencoded' },
  })
  let isRead = false
  const bytes = answer.arrayBuffer().finally(() => (isRead = true))
  const deleted: string[] = []
  for (let n = 0; !isRead || n < 4; n += 2) {
    const id = learnings.at(-1 - n)!.id
    expect((await ask('PATCH', `/learnings/${learnings.at(-2 - n)!.id}`, { problem: `changed ${n}` })).status).toBe(200)
    expect((await ask('DELETE', `/learnings/${id}`)).status).toBe(200)
    deleted.push(id)
  }
  const folder = await mkdtemp(join(tmpdir(), 'export-'))
  await writeFile(join(folder, 'all.tar.gz'), new Uint8Array(await bytes))
  execFileSync('tar', ['-xzf', 'all.tar.gz'], { cwd: folder })
  const file = await readFile(join(folder, 'mcp-code-mode/learnings.json'), 'utf8')
  const found = (JSON.parse(file) as { learnings: { id: string }[] }).learnings.map(({ id }) => id)
  expect(new Set(found).size).toBe(found.length)
  // Nothing is missing but what was deleted.
  const left = learnings.map(({ id }) => id).filter((id) => !deleted.includes(id))
  expect(left.filter((id) => !found.includes(id))).toEqual([])
  await rm(folder, { recursive: true })
})

test('learnings, settings, runs and files come in one archive, whole', async () => {
  const made = `import hashlib, os, random\nos.makedirs("deep/er")\nopen("deep/er/ünï.txt", "w").write("text")\nbig = random.Random(1).randbytes(3_000_000)\nopen("big.bin", "wb").write(big)\nlong = "deep/" + "n" * 120\nopen(long, "w").write("long")\nos.link("big.bin", "hard")\nos.symlink("./big.bin", "soft")\nprint(hashlib.sha256(big).hexdigest())`
  const { outcome } = await it.client.run({ code: made, description: 'Make files' })
  const learning = { error_pattern: 'KeyError: price', solution: 'Use "cost".', context: 'sales ü' }
  await it.client.call('add_learning', learning)
  await it.open('/account')
  await it.page.getByRole('link', { name: /Export everything/ }).click()
  await it.page.getByText(/4 files, [2-6][.0-9]* M/).waitFor()
  const download = it.page.waitForEvent('download')
  await it.page.getByRole('button', { name: 'Download' }).click()
  const saved = await download
  expect(saved.suggestedFilename()).toMatch(/^mcp-code-mode-\d{4}-\d\d-\d\d\.tar\.gz$/)
  const folder = await mkdtemp(join(tmpdir(), 'export-'))
  const archive = join(folder, 'all.tar.gz')
  await saved.saveAs(archive)
  execFileSync('tar', ['-xzf', archive, '-C', folder])
  const read = (path: string) => readFile(join(folder, path), 'utf8')
  expect(await read('mcp-code-mode/files/deep/er/ünï.txt')).toBe('text')
  expect(await read(`mcp-code-mode/files/deep/${'n'.repeat(120)}`)).toBe('long')
  expect(await readlink(join(folder, 'mcp-code-mode/files/soft'))).toBe('./big.bin')
  const sha256 = createHash('sha256')
    .update(await readFile(join(folder, 'mcp-code-mode/files/hard')))
    .digest('hex')
  expect(JSON.parse(await read(`mcp-code-mode/runs/${outcome.run_id}.json`))).toMatchObject({
    description: 'Make files',
    program: made,
    outcome: { status: 'success', stdout: `${sha256}\n` },
  })
  expect(await read('mcp-code-mode/learnings.json')).toContain('sales ü')
  expect(JSON.parse(await read('mcp-code-mode/settings.json'))).toHaveProperty('execution_mode')
  expect(await read('mcp-code-mode/README.txt')).toMatch(/^mcp-code-mode\/files\/ +the files/m)
  // Nothing lies beside the folder, for programs of either kind.
  expect(await readdir(folder)).toEqual(['all.tar.gz', 'mcp-code-mode'])
  const names = execFileSync('python3', [
    '-c',
    'import sys, tarfile; print(*tarfile.open(sys.argv[1]).getnames(), sep="\\n")',
    archive,
  ])
  const outside = names
    .toString()
    .trim()
    .split('\n')
    .filter((name) => !name.startsWith('mcp-code-mode/'))
  expect(outside).toEqual([])
  await rm(folder, { recursive: true })
})
