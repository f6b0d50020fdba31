/** A program that drives a client library, and what it got. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Browser } from 'playwright-core'
import * as z from 'zod'
import type { Seen } from '../cases.ts'
import { output, SYSTEM_PATH } from '../command.ts'
import { builtIn, pythonOf } from '../install.ts'
import { browserProgram } from '../sign-in.ts'

/** A call of a tool. When a live line holds `when`, the file `touch` is made, or the call is cancelled. */
export interface Job {
  name: string
  tool: string
  arguments: Record<string, unknown>
  when?: string
  touch?: string
  cancel?: boolean
}

export interface Work {
  /** The address of the MCP server. */
  url: string
  /** For clients that do not sign in by themselves. */
  token?: string
  calls: Job[]
}

const block = z.looseObject({ text: z.string().optional(), data: z.string().optional() })

const result = z.object({
  content: z.array(block).default([]),
  /** How the library failed, instead of a result. */
  failed: z.string().optional(),
})

const answer = z.object({ tools: z.array(z.string()), results: z.record(z.string(), result) })
export type Answer = z.infer<typeof answer>

/** Has a program beside this file do the work, with the release in `folder`. What it opens in a browser is allowed. */
export async function work(folder: string, script: string, asked: Work, browser?: Browser): Promise<Answer> {
  const printed = await run(folder, script, [folder], JSON.stringify(asked), browser)
  return answer.parse(JSON.parse(printed))
}

/** Runs a program beside this file, in a home of its own, and returns what it printed. */
export async function run(
  folder: string,
  script: string,
  args: string[],
  stdin: string,
  browser?: Browser,
): Promise<string> {
  const home = await mkdtemp(join(tmpdir(), 'library-'))
  try {
    const visits = browser && (await browserProgram(home, browser))
    // A display is where some expect a browser to be.
    const env = { PATH: SYSTEM_PATH, HOME: home, DISPLAY: ':0', ...visits?.env }
    const [command, ...first] = commandOf(folder, script)
    const printed = output(command, [...first, ...args], { cwd: home, env, stdin, signal: visits?.signal })
    return visits === undefined ? await printed : (await visits.allow(printed)).result
  } finally {
    await rm(home, { recursive: true, force: true })
  }
}

function commandOf(folder: string, script: string): [string, ...string[]] {
  if (script.endsWith('.go')) return [builtIn(folder)]
  const path = fileURLToPath(new URL(script, import.meta.url))
  return [script.endsWith('.py') ? pythonOf(folder) : process.execPath, path]
}

/** What somebody behind the library sees of a job. Throws how the library failed. */
export function seenOf({ results }: Answer, name: string): Seen {
  const { content = [], failed } = results[name] ?? {}
  if (failed !== undefined) throw new Error(`The library failed: ${failed}`)
  return {
    text: content.flatMap(({ text }) => text ?? []).join('\n'),
    pictures: content.flatMap(({ data }) => (data === undefined ? [] : [Buffer.from(data, 'base64')])),
  }
}
