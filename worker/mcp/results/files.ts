/**
 * A run's files in the text of its result: a line each while they are few; else lines for the attached ones, and numbers for the others.
 */
import { namedFiles } from '../../files/named.ts'
import { shownInOneLine } from '../../text/quote.ts'
import { byteWords } from '../../text/byte-words.ts'
import { notListedWords } from '../../run/execution/outcome-fold.ts'
import type { RunOutcome, ShownOutcome } from '../../run/contract/outcome.ts'
import type { Attachments } from './attachments.ts'

type OutcomeFile = RunOutcome['files'][number]
type Change = OutcomeFile['change']

/** Most files of which each gets a line. */
const FEW = 8
/** Lines when there are more: for files that are attached or named in the output. */
const MOST = 15
/** Files without a line of their own that are named as examples. */
const EXAMPLES = 3
/** Links for download: each costs a model a hundred tokens. */
const DOWNLOADS = 5
/** Characters of a file's name in the text; the data has it whole. */
const MAX_NAME_CHARS = 300

/** Lines in the order of the content that follows the text, where there is any. `outcome`: before anything was attached. */
export function fileLines(outcome: ShownOutcome, attached: Attachments): string[] {
  const { files, shown } = attached
  const places = new Map(shown.map(({ path }, index) => [path, index]))
  const inOrder = files.toSorted((a, b) => (places.get(a.path) ?? Infinity) - (places.get(b.path) ?? Infinity) || 0)
  const counts = outcome.file_counts ?? countsOf(files)
  const isFew = counts.created + counts.changed + counts.deleted <= FEW
  const named = new Set(isFew ? [] : namedIn(outcome))
  const single = isFew ? inOrder : inOrder.filter(({ path }) => places.has(path) || named.has(path)).slice(0, MOST)
  let links = 0
  const lines = single.map((file) => {
    const how = shown[places.get(file.path) ?? -1]
    const url = (how?.isPicture === false && how.how === '') || links === DOWNLOADS ? undefined : file.download_url
    if (url !== undefined) links++
    return oneFileLine(file, outcome.run_id, attached, url)
  })
  if (!isFew) {
    for (const change of ['created', 'changed', 'deleted'] as const) {
      const told = single.filter((file) => file.change === change).length
      const left = inOrder.filter((file) => file.change === change && !single.includes(file))
      if (counts[change] > told) lines.push(manyLine(change, counts[change] - told, left, told > 0))
    }
  }
  const total = counts.created + counts.changed + counts.deleted
  const counted = notListedWords(total - files.length)
  const omitted = [...outcome.omitted.filter(({ reason }) => reason !== counted), ...(isFew ? attached.omitted : [])]
  return [...lines, ...omitted.filter(({ path }) => path === '').map(({ reason }) => sentence(reason))]
}

/** `Created: chart.png (48 kB, attached); download for an hour: …` */
function oneFileLine(file: OutcomeFile, run: string, { shown, omitted }: Attachments, url: string | undefined): string {
  const { path, change, bytes, shared } = file
  const at = shown.findIndex((each) => each.path === path)
  const reason = omitted.find((each) => each.path === path)?.reason
  const facts = [
    ...(bytes === null ? [] : [byteWords(bytes)]),
    ...(at < 0 ? [] : [attachedWords(at, shown)]),
    ...(reason === undefined ? [] : [`not attached: ${inOneLine(reason)}`]),
    ...(shared === true ? ['perhaps by another run that was live'] : []),
  ]
  const isThere = change !== 'deleted'
  const name = at < 0 ? path : nameInProgram(path, run)
  return [
    `${change === 'created' ? 'Created' : change === 'changed' ? 'Changed' : 'Deleted'}: ${inOneLine(name)}`,
    ...(isThere && facts.length > 0 ? [` (${facts.join(', ')})`] : []),
    ...(isThere && at < 0 ? [` ${file.uri}`] : []),
    ...(url === undefined ? [] : [`; download for an hour: ${url}`]),
  ].join('')
}

/** Number of a shown picture, as pictures have no names there; none for a single one. A text begins with its path. */
function attachedWords(at: number, shown: Attachments['shown']): string {
  const { how = '', isPicture = false } = shown[at] ?? {}
  const pictures = shown.filter((each) => each.isPicture)
  const isOneOfSeveral = isPicture && pictures.length > 1
  const number = shown.slice(0, at + 1).filter((each) => each.isPicture).length
  return [isOneOfSeveral ? `attached as picture ${number}` : 'attached', how].filter(Boolean).join(', ')
}

/** `490 more files created: m5/a.json, m5/b.json, m5/c.json, …` */
function manyLine(change: Change, count: number, files: OutcomeFile[], more: boolean): string {
  const examples = files.slice(0, EXAMPLES).map(({ path }) => inOneLine(path))
  const names = count > examples.length ? [...examples, '…'] : examples
  const what = `${count}${more ? ' more' : ''} ${count === 1 ? 'file' : 'files'} ${change}`
  return examples.length === 0 ? what : `${what}: ${names.join(', ')}`
}

function namedIn({ stdout, stderr, files }: ShownOutcome): string[] {
  return namedFiles(
    `${stdout}\n${stderr}`,
    files.map(({ path }) => path),
  )
}

function countsOf(files: OutcomeFile[]): Record<Change, number> {
  const counts = { created: 0, changed: 0, deleted: 0 }
  for (const { change } of files) counts[change]++
  return counts
}

/**
 * The path as its program knows it: a file that was saved elsewhere is a copy below `.outputs`, under a path that the program never saw.
 */
function nameInProgram(path: string, run: string): string {
  const outputs = `.outputs/${run}/`
  if (!path.startsWith(outputs)) return path
  const rest = path.slice(outputs.length)
  return rest.includes('/') ? `/${rest}` : rest
}

/** A file's name on one line: a program chooses it, so it must not look like a line of the text. */
function inOneLine(path: string): string {
  return shownInOneLine(path, MAX_NAME_CHARS)
}

function sentence(reason: string): string {
  return `${reason.charAt(0).toUpperCase()}${reason.slice(1)}.`
}
