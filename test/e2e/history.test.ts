/** The history as a model meets it: real programs, real clients, the whole text. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { CLIENTS } from '../support/clients.ts'
import { type DevServer, startDevServer } from '../support/dev-server.ts'

let server: DevServer
beforeAll(async () => {
  server = await startDevServer()
})
afterAll(() => server.stop())

/** Ids in the order in which they come, and whatever time makes. */
function timeless(text: string): string {
  const ids = new Map<string, string>()
  return text
    .replaceAll(/r_[0-9a-f]{16}/g, (id) => ids.set(id, ids.get(id) ?? `r_${ids.size + 1}`).get(id)!)
    .replaceAll(/\d+\.\d\d s/g, '0.00 s')
    .replaceAll(/\d+ s ago/g, '0 s ago')
}

test.each(Object.entries(CLIENTS))(
  '%s lists, searches and pages through what its user has run',
  async (_name, { connect }) => {
    const client = await connect(server.origin, server.token)
    const word = `w${crypto.randomUUID().slice(0, 8)}`
    const ran = [
      { code: `import json\nprint("${word}")` },
      { code: `raise KeyError("${word}")`, description: 'Look Up the Price' },
      { code: `# ${word}\nimport sys\nsys.exit(3)`, description: 'Give up' },
    ]
    for (const args of ran) await client.run(args)
    const listed = async (args: object) =>
      timeless((await client.call('runs', { ...args })).text).replaceAll(word, 'word')
    expect(await listed({ search: word })).toBe(
      `r_1 · error SystemExit · 0.00 s · 0 s ago · "Give up"
r_2 · error KeyError · 0.00 s · 0 s ago · "Look Up the Price"
r_3 · success · 0.00 s · 0 s ago · program "print(\\"word\\")"
Next: call runs with action "wait" and a run_id for its result.`,
    )
    expect(await listed({ search: word.toUpperCase(), status: 'error', limit: 1 })).toBe(
      `r_1 · error SystemExit · 0.00 s · 0 s ago · "Give up"
Next: call runs with action "wait" and a run_id for its result, or the same with before "r_1" for older ones.`,
    )
    const newest = (await client.call('runs', {})).structured.runs[0].run_id
    expect(await listed({ search: word, before: newest, limit: 1 })).toMatch(
      /^r_1 · error KeyError · .*before "r_1" for older ones\.$/s,
    )
    expect(await listed({ search: `${word} nothing` })).toBe(
      'No run has all of "word nothing" in description, program or error. Next: search for fewer words, or call runs without arguments for the latest.',
    )
    const receipt = JSON.parse(await client.read(`codemode://runs/${newest}`))
    expect(receipt).toMatchObject({
      program: ran[2]!.code,
      tool: 'run_python',
      description: 'Give up',
      status: 'error',
    })
    await client.close()
  },
)
