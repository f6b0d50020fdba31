/**
 * The program inside what a model sent: some models wrap code in a Markdown fence. Only a fence around the *whole* text is
 * taken off; back-ticks inside a program are the program's.
 */
export function stripFence(code: string): string {
  const match = /^\s*(`{3,}|~{3,})[ \t]*[\w+-]*[ \t]*\r?\n([\s\S]*?)\r?\n?[ \t]*\1[ \t]*\s*$/.exec(code)
  const [, fence, inner] = match ?? []
  if (fence === undefined || inner === undefined) return code
  return inner.includes(`\n${fence}`) ? code : `${inner}\n`
}
