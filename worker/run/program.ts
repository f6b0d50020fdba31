import { trimEndOf } from './trim.ts'

/**
 * The program inside what a model sent: some models wrap code in a Markdown fence. Only a fence around the *whole* text is
 * taken off; back-ticks inside a program are the program's. Each step looks at the text once: it may have millions of characters.
 */
export function stripFence(code: string): string {
  const text = code.trim()
  const [fence] = /^(?:`{3,}|~{3,})/.exec(text) ?? []
  const lineEnd = text.indexOf('\n')
  if (fence === undefined || lineEnd < 0 || !text.endsWith(fence)) return code
  const language = text.slice(fence.length, lineEnd).trim()
  const end = text.length - fence.length
  if (!/^[\w+-]*$/.test(language) || end <= lineEnd) return code
  const inner = text.slice(lineEnd + 1, end)
  if (inner.includes(`\n${fence}`)) return code
  return `${withoutLastBreak(trimEndOf(inner, ' \t'))}\n`
}

function withoutLastBreak(text: string): string {
  const line = text.endsWith('\n') ? text.slice(0, -1) : text
  return line.endsWith('\r') ? line.slice(0, -1) : line
}
