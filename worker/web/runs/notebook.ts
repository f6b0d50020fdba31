/** A run as a Jupyter notebook (nbformat 4.5): its program in a cell, with what it printed, its error and its pictures below. */
import type { Receipt } from '../data/run-data.ts'

export interface Printed {
  stream: 'stdout' | 'stderr'
  text: string
}
/** `data`: in base64. */
export interface Picture {
  path: string
  mime: string
  data: string
}

export function notebook(run: Receipt, printed: Printed[], pictures: Picture[]): unknown {
  const { description, program, outcome } = run
  const error = outcome?.error ?? null
  const outputs = [
    ...joined(printed).map(({ stream, text }) => ({ output_type: 'stream', name: stream, text: lines(text) })),
    ...pictures.map(({ path, mime, data }) => ({
      output_type: 'display_data',
      data: { [mime]: data, 'text/plain': [path] },
      metadata: {},
    })),
    ...(error === null
      ? []
      : [
          {
            output_type: 'error',
            ename: error.type,
            evalue: error.message,
            traceback: [...(error.frame?.split('\n') ?? []), `${error.type}: ${error.message}`],
          },
        ]),
  ]
  const about = { cell_type: 'markdown', id: 'about', metadata: {}, source: lines(asText(description)) }
  const code = {
    cell_type: 'code',
    id: 'program',
    metadata: {},
    execution_count: 1,
    source: lines(program ?? ''),
    outputs,
  }
  return {
    nbformat: 4,
    nbformat_minor: 5,
    metadata: {
      kernelspec: { display_name: 'Python 3', language: 'python', name: 'python3' },
      language_info: { name: 'python' },
    },
    cells: description === '' ? [code] : [about, code],
  }
}

/** Neighbours of one stream are one output. */
function joined(printed: Printed[]): Printed[] {
  const all: Printed[] = []
  for (const each of printed) {
    const last = all.at(-1)
    if (last?.stream === each.stream) last.text += each.text
    else all.push({ ...each })
  }
  return all
}

/** As notebooks have texts: each line with its end. */
function lines(text: string): string[] {
  const all = text.split('\n')
  const last = all.pop()!
  return [...all.map((line) => `${line}\n`), ...(last === '' ? [] : [last])]
}

/** A description is a client's: a notebook shows it as it is, not as Markdown or HTML. */
function asText(text: string): string {
  return text.replaceAll(/[&<>\\`*_{}[\]()#+\-.!|~$]/g, (char) =>
    char === '<' ? '&lt;' : char === '&' ? '&amp;' : `\\${char}`,
  )
}
