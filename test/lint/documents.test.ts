/** What documents point to is there: pages, headings, files of the source. And the first pages stay short enough to be read. */
import { globSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const PROJECT = fileURLToPath(new URL('../..', import.meta.url))
const FILES = globSync('**/*', {
  cwd: PROJECT,
  exclude: (name) => ['node_modules', '.cache', '.venv', '.wrangler', 'dist'].includes(name),
})
const PAGES = FILES.filter((file) => file.endsWith('.md'))
/** They name files of the source. The others are for people who never look at it. */
const ABOUT_THE_SOURCE = PAGES.filter((page) =>
  /(?:ARCHITECTURE|CONTRIBUTING|DESIGN|SCHEMA|test\/README)\.md$/.test(page),
)
/** Made by a program as it runs. */
const MADE = ['_run_main.py']
const MOST_WORDS = { 'README.md': 1_450, 'ARCHITECTURE.md': 1_950 }

const read = (page: string) => readFileSync(join(PROJECT, page), 'utf8')

/** The anchors of a page's headings, as GitHub makes them. */
function anchors(page: string): string[] {
  return [...read(page).matchAll(/^#+ (.+)$/gm)].map(([, heading]) =>
    heading!
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  )
}

/** Links of a page to another one, or to a heading, that lead nowhere. */
function brokenLinks(page: string, text = read(page)): string[] {
  return [...text.matchAll(/\]\((?!https?:)([^)\s]+)\)/g)]
    .map(([, target]) => target!)
    .filter((target) => {
      const [path, anchor] = target.split('#') as [string, string?]
      const file = path === '' ? page : relative(PROJECT, join(PROJECT, dirname(page), path))
      const isThere = FILES.includes(file.replace(/\/$/, ''))
      return !isThere || (anchor !== undefined && !anchors(file).includes(anchor))
    })
}

/** Names of source files that no file has. A name may be the end of a path, and have stars. */
function missingFiles(text: string): string[] {
  return [...text.matchAll(/`([\w./*-]+\.(?:ts|py|sh|mjs))`/g)]
    .map(([, name]) => name!)
    .filter(
      (name) => !MADE.includes(name) && !FILES.some((file) => `/${file}`.endsWith(`/${name}`) || matches(file, name)),
    )
}

function matches(file: string, name: string): boolean {
  const pattern = name.split('*').map((part) => part.replaceAll('.', String.raw`\.`))
  return name.includes('*') && new RegExp(`(?:^|/)${pattern.join('[^/]*')}$`).test(file)
}

test.each(PAGES)('%s: every link leads somewhere', (page) => {
  expect(brokenLinks(page)).toEqual([])
})

test.each(ABOUT_THE_SOURCE)('%s: every file that it names is there', (page) => {
  expect(missingFiles(read(page))).toEqual([])
})

test.each(Object.entries(MOST_WORDS))('%s has at most %i words', (page, most) => {
  expect(read(page).split(/\s+/).length).toBeLessThanOrEqual(most)
})

test('what leads nowhere is found', () => {
  expect(
    brokenLinks('README.md', '[a](docs/none.md) [b](docs/users.md#scopes) [c](docs/users.md#none) [d](#none)'),
  ).toEqual(['docs/none.md', 'docs/users.md#none', '#none'])
  expect(missingFiles('`run.ts`, `none.ts`, `worker/run/failures/*.ts`, `none-*.ts`, `session/none.ts`')).toEqual([
    'none.ts',
    'none-*.ts',
    'session/none.ts',
  ])
})
