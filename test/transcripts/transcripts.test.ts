/**
 * What a model reads, whole: every scene against a server as a user starts it, over a real client, compared with the file of its name.
 * After a change: `-u`, then read what has changed as the model would. TRANSCRIPT_SIZES names a file for the characters of each answer.
 */
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { appendFile, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type DevServer, startDevServer } from '../support/dev-server.ts'
import { type PackageIndex, startPackageIndex } from '../support/package-index.ts'
import { standIns } from './packages.ts'
import { FAILING } from './scenes/failing.ts'
import { FILES } from './scenes/files.ts'
import { FOLLOWING } from './scenes/following.ts'
import { LEARNING } from './scenes/learning.ts'
import { OUTPUT } from './scenes/output.ts'
import type { Scene } from './scenes/scene.ts'
import { SUCCEEDING } from './scenes/succeeding.ts'
import { SURROUNDINGS } from './scenes/surroundings.ts'
import { type Answer, Names, textChars, transcript } from './transcript.ts'

const SCENES: Record<string, Scene[]> = {
  succeeding: SUCCEEDING,
  output: OUTPUT,
  files: FILES,
  failing: FAILING,
  learning: LEARNING,
  following: FOLLOWING,
  surroundings: SURROUNDINGS,
}

let index: PackageIndex
let server: DevServer
let client: Client
/** The standard library's folder, and the folder of the user's packages. */
let library: string
let packages: string
/** Tracebacks differ from one Python to the next; these are of the container image's. */
const PYTHON = '3.11'

const WHERE = 'import sysconfig; print(sysconfig.get_path("stdlib"))'

beforeAll(async () => {
  index = await startPackageIndex(standIns())
  server = await startDevServer(index.env)
  client = new Client({ name: 'transcripts', version: '1.0.0' })
  await client.connect(
    new StreamableHTTPClientTransport(new URL(`${server.origin}/mcp`), {
      requestInit: { headers: { authorization: `Bearer ${server.token}` } },
    }),
  )
  const { content } = (await client.callTool({ name: 'run_python', arguments: { code: WHERE } })) as Answer
  ;[, library = ''] = /^(\/.*)$/m.exec(content[0]?.text ?? '') ?? []
  const [user = ''] = (await readdir(join(server.state, 'runner'))).filter((name) => /^[0-9a-f]{32}$/.test(name))
  packages = join(server.state, 'runner', user, 'packages')
})
afterAll(async () => {
  await client?.close()
  await server?.stop()
  await index?.[Symbol.asyncDispose]()
})

function http(path: string, init: RequestInit = {}): Promise<Response> {
  return fetch(server.origin + path, { ...init, headers: { authorization: `Bearer ${server.token}` } })
}

async function asAtFirst(): Promise<void> {
  for (const folder of [server.workspace, packages]) {
    for (const entry of await readdir(folder)) await rm(join(folder, entry), { recursive: true, force: true })
  }
  const { learnings } = (await (await http('/learnings')).json()) as { learnings: { id: string }[] }
  for (const { id } of learnings) await http(`/learnings/${id}`, { method: 'DELETE' })
  await client.callTool({ name: 'configure', arguments: { action: 'reset' } })
}

for (const [group, scenes] of Object.entries(SCENES)) {
  describe(group, () => {
    beforeEach(asAtFirst)
    test.for(scenes)('$name', async ({ name, calls }, { skip }) => {
      skip(!library.endsWith(`python${PYTHON}`), `a Python other than ${PYTHON}`)
      const names = new Names({
        [server.workspace]: '<workspace>',
        [server.state]: '<state>',
        [server.root]: '<root>',
        [library]: '<library>',
      })
      const told: string[] = []
      for (const each of calls) {
        const { tool, args } = names.resolve(each)
        const answer = (await client.callTool({ name: tool, arguments: args }, { timeout: 120_000 })) as Answer
        const sizes = process.env['TRANSCRIPT_SIZES']
        if (sizes !== undefined) await appendFile(sizes, `${textChars(answer)}\t${group}/${name}/${told.length}\n`)
        told.push(transcript(each, answer, names))
      }
      await expect(`${told.join('\n\n')}\n`).toMatchFileSnapshot(`${group}/${name.replaceAll(' ', '-')}.txt`)
    })
  })
}
