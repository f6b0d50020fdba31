/** A Python program as HTML: every character escaped, in spans whose classes begin with `hljs-`. */
export function colouredPython(code: string): string
