/** The examples of `container/PROTOCOL.md`, as data. */
import { readFileSync } from 'node:fs'

export type Example =
  | { kind: 'request'; section: string; method: string; path: string; body: string | undefined }
  | { kind: 'answer'; section: string; status: number; body: unknown }
  | { kind: 'events'; section: string; lines: unknown[] }

export function protocolExamples(): Example[] {
  const page = readFileSync(new URL('../../container/PROTOCOL.md', import.meta.url), 'utf8')
  const examples: Example[] = []
  for (const section of page.split(/^## /m).slice(1)) {
    const title = section.slice(0, section.indexOf('\n'))
    for (const [, language, text] of section.matchAll(/^```(\w*)\n(.*?)^```$/gms))
      examples.push(read(title, language!, text!.trimEnd()))
  }
  return examples
}

function read(section: string, language: string, text: string): Example {
  if (language === 'json' || language === 'jsonl')
    return { kind: 'events', section, lines: text.split('\n').map((line) => JSON.parse(line)) }
  if (language !== 'http') throw new Error(`an example of an unknown language in "${section}": ${language}`)
  const [head, body] = text.split('\n\n')
  const status = /^HTTP\/1\.1 (\d{3}) /.exec(head!)?.[1]
  if (status !== undefined) return { kind: 'answer', section, status: Number(status), body: JSON.parse(body!) }
  const [, method, path] = /^([A-Z]+) (\S+) HTTP\/1\.1$/m.exec(head!)!
  return { kind: 'request', section, method: method!, path: path!, body }
}
