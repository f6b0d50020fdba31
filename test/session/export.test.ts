/** The export of everything, where something of it cannot be had. */
import { gunzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { exportOf } from '../../worker/web/kept/export.ts'

const NOW = Date.UTC(2026, 10, 29)

/** The export of a session that answers so, unpacked: each name with its text. */
async function exported(answers: Record<string, () => Response>): Promise<Record<string, string>> {
  const ask = async (path: string) => answers[path]?.() ?? Response.json({ error: 'not here' }, { status: 404 })
  const packed = await new Response(exportOf(ask, NOW)).arrayBuffer()
  // The platform's DecompressionStream reads one member alone.
  const bytes = new Uint8Array(gunzipSync(new Uint8Array(packed)))
  const text = (at: number, length: number) =>
    new TextDecoder().decode(bytes.subarray(at, at + length)).replace(/\0.*$/s, '')
  const found: Record<string, string> = {}
  for (let at = 0; text(at, 100) !== '';) {
    const size = parseInt(text(at + 124, 12), 8)
    found[text(at, 100)] = text(at + 512, size)
    at += 512 + Math.ceil(size / 512) * 512
  }
  // It ends with two blocks of zeros.
  expect(bytes.subarray(-1024).every((byte) => byte === 0)).toBe(true)
  return found
}

const SESSION = {
  '/config': () => Response.json({ timeout: 50 }),
  '/learnings/export': () => new Response('[{"a": 1}]'),
  '/runs?limit=250': () => Response.json({ runs: [{ run_id: 'r_1' }, { run_id: 'r_2' }], next: '/runs?before=r_2' }),
  '/runs?before=r_2': () => Response.json({ runs: [{ run_id: 'r_3' }], next: null }),
  '/runs/r_1': () => new Response('one'),
  '/runs/r_3': () => new Response('x'.repeat(512)),
}

test('files that cannot be read are said to be missing, and a run that was forgotten meanwhile is left out', async () => {
  const found = await exported(SESSION)
  expect(Object.keys(found)).toEqual([
    'mcp-code-mode/README.txt',
    'mcp-code-mode/settings.json',
    'mcp-code-mode/learnings.json',
    'mcp-code-mode/runs/r_1.json',
    'mcp-code-mode/runs/r_3.json',
    'FILES-ARE-MISSING.txt',
  ])
  expect(found['mcp-code-mode/runs/r_3.json']).toBe('x'.repeat(512))
  expect(found['FILES-ARE-MISSING.txt']).toContain('not here')
})

test('learnings that change meanwhile break the download off: half an archive is not taken for a whole one', async () => {
  let asked = 0
  const changing = () => new Response('x'.repeat(++asked))
  await expect(exported({ ...SESSION, '/learnings/export': changing })).rejects.toThrow('changed while')
})
