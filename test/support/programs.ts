/** The fixture programs, as real files. */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** The source of `test/fixtures/programs/<name>.py`. */
export function program(name: string): string {
  return readFileSync(fileURLToPath(new URL(`../fixtures/programs/${name}.py`, import.meta.url)), 'utf8')
}
