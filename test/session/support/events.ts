/** A run's own stream, frame by frame. */
import type { RunOutcome } from '../../../worker/run/contract/outcome.ts'
import { blockData } from '../../support/mcp-by-hand.ts'
import { blocks, idOf, sendTo } from './mcp.ts'

export interface RunFrame {
  /** The frame as it was sent. */
  raw: string
  id: string | null
  event: string
  data: { type: string; text?: string; chars?: number; outcome?: RunOutcome }
}

/** The frames of a run's stream, comments left out, until it ends. Leaving the loop closes the stream. */
export async function* runFrames(response: Response): AsyncGenerator<RunFrame> {
  for await (const raw of blocks(response)) {
    const [, event] = /^event: (.+)$/m.exec(raw) ?? []
    if (event === undefined) continue
    yield { raw, id: idOf(raw), event, data: JSON.parse(blockData(raw)!) }
  }
}

export async function allFrames(response: Response): Promise<RunFrame[]> {
  const frames = []
  for await (const frame of runFrames(response)) frames.push(frame)
  return frames
}

export const textOf = (frames: RunFrame[]) =>
  frames.map(({ event, data }) => (event === 'stdout' ? (data.text ?? '') : '')).join('')

/** Starts a run over HTTP; its id and its stream. */
export async function startRun(
  args: object,
  headers: Record<string, string> = {},
): Promise<{ id: string; response: Response }> {
  const response = await sendTo('/runs', 'POST', args, headers)
  return { id: response.headers.get('location')?.split('/').at(-1) ?? '', response }
}
