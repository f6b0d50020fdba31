/** The Responses API of OpenAI, streamed. */
import type { Seen } from '../cases.ts'
import type { ModelApi, ModelEvent } from './model-api.ts'

interface ResponsesRequest {
  tools?: Tool[]
  input: Item[]
}

type Tool = { type: 'namespace'; name: string; tools: { name: string }[] } | { type: 'function'; name: string }
type Item = { type: 'message' } | { type: 'function_call_output'; output: string | Part[] }
type Part = { type: 'input_text'; text: string } | { type: 'input_image'; image_url: string }

export const openaiResponses: ModelApi<ResponsesRequest> = {
  path: '/responses',
  ask({ tools = [] }, call) {
    const space = tools.find((tool) => tool.type === 'namespace' && tool.tools.some(({ name }) => name === call.tool))
    if (space === undefined) return undefined
    const named = { namespace: space.name, name: call.tool, arguments: JSON.stringify(call.arguments) }
    return turn({ type: 'function_call', id: 'fc_1', call_id: 'call_1', ...named })
  },
  end: () =>
    turn({ type: 'message', id: 'msg_1', role: 'assistant', content: [{ type: 'output_text', text: 'done' }] }),
  told({ input }) {
    const result = input.find((item) => item.type === 'function_call_output')
    return result && shown(result.output)
  },
}

function turn(item: object): ModelEvent[] {
  const usage = { input_tokens: 1, output_tokens: 1, total_tokens: 2 }
  return [
    ['response.created', { response: { id: 'resp_1' } }],
    ['response.output_item.done', { output_index: 0, item }],
    ['response.completed', { response: { id: 'resp_1', usage } }],
  ]
}

function shown(output: string | Part[]): Seen {
  const parts: Part[] = typeof output === 'string' ? [{ type: 'input_text', text: output }] : output
  return {
    text: parts.flatMap((part) => (part.type === 'input_text' ? [part.text] : [])).join('\n'),
    pictures: parts.flatMap((part) =>
      part.type === 'input_image' ? [Buffer.from(part.image_url.split(';base64,')[1] ?? '', 'base64')] : [],
    ),
  }
}
