/** A run's files as MCP content: pictures and texts within the budgets, links to the rest, and the reasons for what was left out. */
import type { ContentBlock } from '@modelcontextprotocol/server'
import { type Attachment, ATTACHMENT_LIMITS, bounded, type OutcomeFile, planAttachments } from '../../files/attach.ts'
import { fenced } from '../../files/language.ts'
import { pictureFacts } from '../../files/picture.ts'
import { holdsPrivateKey } from '../../files/secrets.ts'
import { shownInOneLine } from '../../text/quote.ts'
import { byteWords } from '../../text/byte-words.ts'
import type { RunOutcome } from '../../run/contract/outcome.ts'
import { TextWindow } from '../../text/window.ts'
import type { FileSource } from '../caller.ts'
import { bytesInBase64, jsonBytes } from './size.ts'

/** Longest time to read and convert for one result; later files are linked to. */
const TIME_LIMIT_MS = 5_000
/** Characters of a name above a file's text. A program chooses it: it must not look like a line of ours. */
const MAX_NAME_CHARS = 300

type FilesAndOutput = Pick<RunOutcome, 'files' | 'stdout' | 'stderr'>

export interface ShownFile {
  path: string
  /** Note on the form in which it is attached; empty when that is plain. */
  how: string
  isPicture: boolean
}

export interface Attachments {
  /** The outcome's files, the first of those attached with a `download_url`. */
  files: RunOutcome['files']
  content: ContentBlock[]
  omitted: RunOutcome['omitted']
  /** The files in `content`, in its order, and their form. */
  shown: ShownFile[]
}

/**
 * Reads the planned files in order, into at most `room` bytes of JSON. Never rejects: a file that cannot be read, or does not fit, is
 * linked to.
 */
export async function attachFiles(
  outcome: FilesAndOutput,
  source: FileSource,
  room: number,
  now = Date.now,
): Promise<Attachments> {
  const plan = planAttachments(outcome)
  let left = room
  const attached: Attachments = { files: [], content: [], omitted: [], shown: [] }
  const deadline = now() + TIME_LIMIT_MS
  const linked = new Map<string, string>()
  /** Paths of the pictures, by their data. */
  const pictures = new Map<string, string>()
  for (const attachment of plan.attachments) {
    const { file } = attachment
    const late = attachment.as !== 'link' && now() > deadline
    const read = late ? { reason: 'reading the other files took too long' } : await contentOf(attachment, source, left)
    const found = unlessShown(read, file.path, pictures)
    if ('reason' in found) attached.omitted.push({ path: file.path, reason: found.reason })
    if ('secret' in found) continue
    const url = linked.size < ATTACHMENT_LIMITS.download_urls ? await source.downloadUrl(file.path) : null
    if (url !== null) linked.set(file.path, url)
    if ('content' in found && attachment.as !== 'link') left -= jsonBytes(found.content)
    attached.content.push(...('content' in found ? found.content : [linkTo(file)]))
    if ('how' in found) {
      attached.shown.push({ path: file.path, how: found.how, isPicture: attachment.as === 'picture' })
    }
  }
  const omitted = bounded([...plan.omitted, ...attached.omitted], ATTACHMENT_LIMITS.omitted)
  const files = outcome.files.map((file) => {
    const download_url = linked.get(file.path)
    return download_url === undefined ? file : { ...file, download_url }
  })
  return { ...attached, files, omitted }
}

/** Content, or the reason for a link instead; `secret`: not even a link. */
type FileContent = { content: ContentBlock[]; how?: string } | { reason: string; secret?: true }

/** The content, unless the result has the same picture already, for example saved and shown. */
function unlessShown(found: FileContent, path: string, pictures: Map<string, string>): FileContent {
  const [block] = 'content' in found ? found.content : []
  if (block?.type !== 'image') return found
  const first = pictures.get(block.data)
  if (first !== undefined) return { reason: `it is the same picture as ${first}` }
  pictures.set(block.data, path)
  return found
}

/** An answer has a largest size, and this file comes after others. */
const NO_ROOM = { reason: 'the result has no room left for it' }
/** Smallest picture: a smaller one shows nothing. */
const LEAST_PICTURE_BYTES = 5_000
/** Bytes of a block of content, beside its data. */
const BLOCK_BYTES = 200

async function contentOf(attachment: Attachment, source: FileSource, room: number): Promise<FileContent> {
  try {
    switch (attachment.as) {
      case 'picture':
        return await picture(attachment, source, room)
      case 'text': {
        const found = await text(attachment, source)
        return 'content' in found && jsonBytes(found.content) > room ? NO_ROOM : found
      }
      case 'link':
        return { content: [linkTo(attachment.file)] }
    }
  } catch (error) {
    return { reason: `it could not be read (${error instanceof Error ? error.name : 'unknown error'})` }
  }
}

/** A small and whole picture as it is, else the smaller one that the workspace's environment makes, with a link to the original. */
async function picture(
  { file, convert }: Extract<Attachment, { as: 'picture' }>,
  source: FileSource,
  room: number,
): Promise<FileContent> {
  const limit = Math.min(ATTACHMENT_LIMITS.picture_bytes, bytesInBase64(room - jsonBytes(linkTo(file)) - BLOCK_BYTES))
  if (limit < LEAST_PICTURE_BYTES) return NO_ROOM
  if (!convert) {
    const whole = await source.readFile(file.path, limit)
    if (whole === null) return { reason: 'it is gone' }
    if ('body' in whole) {
      const facts = pictureFacts(new Uint8Array(whole.body))
      if (facts !== null) return { content: [image(whole.body, facts.mime)], how: '' }
    }
  }
  const made = await source.readPicture(file.path, limit)
  if ('reason' in made) {
    return limit < ATTACHMENT_LIMITS.picture_bytes && file.kind === 'image'
      ? NO_ROOM
      : { reason: `${whyConverted(file, limit)}, and ${made.reason}` }
  }
  const facts = pictureFacts(new Uint8Array(made.body))
  if (facts === null || made.body.byteLength > limit) return { reason: 'no picture can be made of it' }
  return {
    content: [image(made.body, facts.mime), linkTo(file)],
    how: `made smaller or converted: ${facts.width} × ${facts.height}`,
  }
}

function whyConverted({ bytes, kind }: OutcomeFile, limit: number): string {
  if (kind !== 'image') return 'it is of a type that models do not read'
  return bytes !== null && bytes > limit
    ? `it is larger than ${byteWords(limit)}`
    : 'it is no whole picture of a usual size'
}

function image(body: ArrayBuffer, mimeType: string): ContentBlock {
  return { type: 'image', data: Buffer.from(body).toString('base64'), mimeType }
}

/** A text between fences, below its path: every client shows that. */
async function text(
  { file, chars, language }: Extract<Attachment, { as: 'text' }>,
  source: FileSource,
): Promise<FileContent> {
  const read = await source.readFile(file.path, ATTACHMENT_LIMITS.text_bytes)
  if (read === null) return { reason: 'it is gone' }
  if (!('body' in read)) return { reason: 'it is too large to show as text' }
  const decoded = decode(read.body)
  if (decoded === null) return { reason: 'it is not UTF-8 text' }
  if (holdsPrivateKey(decoded)) return { reason: 'it holds a private key', secret: true }
  const window = new TextWindow(chars)
  window.add(decoded)
  const how = decoded.length > chars ? `${chars} of ${decoded.length} characters` : ''
  const name = shownInOneLine(file.path, MAX_NAME_CHARS)
  const content: ContentBlock = { type: 'text', text: `${name}:\n${fenced(window.toString(), language)}` }
  return { content: how === '' ? [content] : [content, linkTo(file)], how }
}

function decode(body: ArrayBuffer): string | null {
  try {
    const decoded = new TextDecoder('utf-8', { fatal: true, ignoreBOM: false }).decode(body)
    return decoded.includes('\0') ? null : decoded
  } catch {
    return null // bytes that are no text: the caller links to them
  }
}

function linkTo({ path, uri, mime, bytes }: OutcomeFile): ContentBlock {
  return {
    type: 'resource_link',
    uri,
    name: path,
    ...(mime !== null && { mimeType: mime }),
    ...(bytes !== null && { size: bytes }),
  }
}
