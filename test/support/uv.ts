/** The uv that tests' runners install with: made once below `.venv/test-uv`. */
import { mkdirSync } from 'node:fs'
import { delimiter } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ensureUv } from '../../container/commands/uv.ts'
import { testPython } from './python.ts'

const FOLDER = fileURLToPath(new URL('../../.venv/test-uv', import.meta.url))

/** Why there is none, or null. */
export async function uvIsMissing(): Promise<string | null> {
  mkdirSync(FOLDER, { recursive: true })
  return ensureUv(await testPython(), FOLDER)
}

/** The environment of a runner that finds it. */
export function withUv(env: Record<string, string> = {}): Record<string, string> {
  return { ...env, PATH: `${FOLDER}${delimiter}${process.env['PATH']}` }
}
