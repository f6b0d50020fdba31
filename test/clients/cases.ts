/** What every client is tried with, and what must come out at its other end. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'vitest'
import { program } from '../support/programs.ts'

/** What somebody behind the client sees of a result. */
export interface Seen {
  text: string
  pictures: Buffer[]
}

export interface Case {
  claim: string
  /** Arguments of `run_python`. */
  arguments: Record<string, unknown>
  /** `workspace`: the folder in which the program ran. */
  check(seen: Seen, workspace: string): Promise<void> | void
}

const LARGE_PICTURES = [1, 2, 3, 4, 5].map((number) => `noise-${number}.png`)

/** So many pictures of 190 kB fit into one event below 1,000,000 bytes, as base64. */
const LARGE_PICTURES_SEEN = 3

const OPTIONAL = ['description', 'timeout', 'auto_install', 'files', 'stdin', 'show_last', 'background']

export const CASES = {
  printed: {
    claim: 'what a program prints is plain text',
    arguments: { code: 'print(42)' },
    check({ text, pictures }) {
      expect(linesOf(text)).toContain('42')
      expect(text).not.toContain('"stdout"')
      expect(pictures).toEqual([])
    },
  },
  failed: {
    claim: 'how a program failed stands before what it printed',
    arguments: { code: 'print("before")\n1 / 0' },
    check({ text }) {
      expect(linesOf(text)).toContain('ZeroDivisionError: division by zero')
      expect(linesOf(text)).toContain('before')
      expect(text).toContain('[error · ')
      expect(text).not.toContain('"stdout"')
    },
  },
  saved: {
    claim: 'a chart is seen and a table is read that the program saved',
    arguments: { code: program('charts'), stdin: 'saved' },
    async check({ text, pictures }, workspace) {
      expect(linesOf(text)).toContain('saved')
      expect(pictures).toEqual([await readFile(join(workspace, 'my chart (1).png'))])
      expect(text).toContain('a,b\n1,2')
    },
  },
  large: {
    claim: 'of five large pictures what fits is seen, and the rest is named',
    arguments: { code: program('five_pictures') },
    async check({ text, pictures }, workspace) {
      const files = await Promise.all(LARGE_PICTURES.map((name) => readFile(join(workspace, name))))
      expect(linesOf(text)).toContain('drawn')
      expect(pictures.length).toBeGreaterThanOrEqual(LARGE_PICTURES_SEEN)
      expect(pictures.every((picture) => files.some((file) => file.equals(picture)))).toBe(true)
      for (const name of LARGE_PICTURES) expect(text).toContain(name)
    },
  },
  nulls: {
    claim: 'null for an optional argument is as if it were left out',
    arguments: { code: 'print("ran")', ...Object.fromEntries(OPTIONAL.map((name) => [name, null])) },
    check: ({ text }) => expect(linesOf(text)).toContain('ran'),
  },
  file: {
    claim: 'a text file goes to the program',
    arguments: { code: 'print(open("note.txt").read())', files: { 'note.txt': 'from the client' } },
    check: ({ text }) => expect(linesOf(text)).toContain('from the client'),
  },
} satisfies Record<string, Case>

export type CaseName = keyof typeof CASES

export const CASE_NAMES = Object.keys(CASES) as CaseName[]

function linesOf(text: string): string[] {
  return text.split('\n')
}
