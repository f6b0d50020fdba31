/** Plan of the files that come back with a run's result, and of their form: decided from names, sizes and types. */
import type { RunOutcome } from '../run/contract/outcome.ts'
import { isShownPage } from '../run/output/shown-hints.ts'
import { languageOf } from './language.ts'
import { namedFiles } from './named.ts'
import { isSecretPath } from './secrets.ts'

export type OutcomeFile = RunOutcome['files'][number]
type Omitted = RunOutcome['omitted'][number]

/** Bounds of one result's attachments, beside the run's own text. */
export const ATTACHMENT_LIMITS = {
  /** Bytes of a picture, before base64: five of them are 1 MB. */
  picture_bytes: 200_000,
  pictures: 5,
  /** Bytes of a file that is read to show a part of it. */
  text_bytes: 1024 ** 2,
  /** Characters of one text, and of all texts. */
  text_chars: 4_000,
  texts: 5,
  texts_chars: 12_000,
  links: 20,
  /** Files with a `download_url`: each costs a model a hundred tokens. */
  download_urls: 10,
  /** Entries of `omitted` that a result gets for its files. */
  omitted: 20,
}

export type Attachment =
  /** `convert`: converted first, as it is too large or of a type that models do not read. */
  | { as: 'picture'; file: OutcomeFile; convert: boolean }
  /** At most `chars` characters. */
  | { as: 'text'; file: OutcomeFile; chars: number; language: string }
  | { as: 'link'; file: OutcomeFile }

/** Least characters of a text: fewer would say nothing. */
const LEAST_CHARS = 200

/**
 * The attachments in their order: first the files that the output names, in the order of their first mention, then the others by path. A
 * file that another live run may have made is attached only when it is named.
 */
export function planAttachments(
  outcome: Pick<RunOutcome, 'files' | 'stdout' | 'stderr'>,
  limits = ATTACHMENT_LIMITS,
): { attachments: Attachment[]; omitted: Omitted[] } {
  const attachments: Attachment[] = []
  const omitted: Omitted[] = []
  let [pictures, texts, links, chars, unlinked] = [0, 0, 0, limits.texts_chars, 0]

  const link = (file: OutcomeFile, reason?: string) => {
    if (links === limits.links) {
      unlinked++
      return
    }
    links++
    attachments.push({ as: 'link', file })
    if (reason !== undefined) omitted.push({ path: file.path, reason })
  }
  for (const { file, isNamed } of inOrder(outcome)) {
    const { path, bytes, mime } = file
    if (bytes === null || mime === null) continue
    if (file.shared === true && !isNamed) {
      omitted.push({
        path,
        reason: 'another run was live when it was made; a program that prints its path gets it attached',
      })
      continue
    }
    if (isSecretPath(path)) {
      omitted.push({ path, reason: 'its name looks like that of a secret' })
    } else if (mime.startsWith('image/')) {
      if (pictures === limits.pictures) link(file, `a result shows at most ${limits.pictures} pictures`)
      else {
        pictures++
        attachments.push({ as: 'picture', file, convert: file.kind !== 'image' || bytes > limits.picture_bytes })
      }
    } else if (file.kind === 'text' && bytes > 0 && !isShownPage(path)) {
      const wanted = Math.min(bytes, limits.text_chars)
      if (bytes > limits.text_bytes) link(file, 'it is too large to show as text')
      else if (mime === 'text/html' && bytes > limits.text_chars) {
        link(file, 'a part of a page shows nothing')
      } else if (texts === limits.texts) link(file, `a result shows at most ${limits.texts} texts`)
      else if (chars < Math.min(wanted, LEAST_CHARS)) {
        link(file, `a result shows at most ${limits.texts_chars} characters of files`)
      } else {
        texts++
        const room = Math.min(wanted, chars)
        chars -= room
        attachments.push({ as: 'text', file, chars: room, language: languageOf(path) })
      }
    } else link(file)
  }
  if (unlinked > 0) omitted.push({ path: '', reason: `${unlinked} more files are only listed` })
  return { attachments, omitted: bounded(omitted, limits.omitted) }
}

/** The list cut to `limit` entries, the last of which counts the missing ones. */
export function bounded(omitted: Omitted[], limit: number): Omitted[] {
  if (omitted.length <= limit) return omitted
  const more = omitted.length - limit + 1
  return [...omitted.slice(0, limit - 1), { path: '', reason: `${more} more files are not attached, for such reasons` }]
}

function inOrder({ files, stdout, stderr }: Pick<RunOutcome, 'files' | 'stdout' | 'stderr'>) {
  const there = files.filter(({ change }) => change !== 'deleted')
  const byPath = new Map(there.map((file) => [file.path, file]))
  const named = new Set(namedFiles(`${stdout}\n${stderr}`, [...byPath.keys()]))
  return [...new Set([...named, ...byPath.keys()])].flatMap((path) => {
    const file = byPath.get(path)
    return file === undefined ? [] : { file, isNamed: named.has(path) }
  })
}
