/** The Messages API of Anthropic, streamed. */
import type { Seen } from '../cases.ts'
import type { ModelApi, ModelEvent } from './model-api.ts'

interface MessagesRequest {
  model: string
  tools?: { name: string }[]
  messages: { content: string | Block[] }[]
}

type Block = Text | Picture | { type: 'tool_result'; content: string | Block[] }
interface Text {
  type: 'text'
  text: string
}
interface Picture {
  type: 'image'
  source: { data: string }
}

export const anthropicMessages: ModelApi<MessagesRequest> = {
  path: '/v1/messages',
  ask({ model, tools = [] }, call) {
    const tool = tools.find(({ name }) => name.endsWith(`__${call.tool}`))
    if (tool === undefined) return undefined
    const input = { type: 'input_json_delta', partial_json: JSON.stringify(call.arguments) }
    return turn(model, 'tool_use', { type: 'tool_use', id: 'toolu_1', name: tool.name, input: {} }, input)
  },
  end: ({ model }) => turn(model, 'end_turn', { type: 'text', text: '' }, { type: 'text_delta', text: 'done' }),
  told({ messages }) {
    const results = messages
      .flatMap(({ content }) => (typeof content === 'string' ? [] : content))
      .filter((block) => block.type === 'tool_result')
    return results[0] && shown(results[0].content)
  },
}

function turn(model: string, reason: string, block: object, delta: object): ModelEvent[] {
  const message = { id: 'msg_1', type: 'message', role: 'assistant', model, content: [], stop_reason: null }
  const usage = { input_tokens: 1, output_tokens: 1 }
  return [
    ['message_start', { message: { ...message, stop_sequence: null, usage } }],
    ['content_block_start', { index: 0, content_block: block }],
    ['content_block_delta', { index: 0, delta }],
    ['content_block_stop', { index: 0 }],
    ['message_delta', { delta: { stop_reason: reason, stop_sequence: null }, usage }],
    ['message_stop', {}],
  ]
}

function shown(content: string | Block[]): Seen {
  const blocks: Block[] = typeof content === 'string' ? [{ type: 'text', text: content }] : content
  return {
    text: blocks.flatMap((block) => (block.type === 'text' ? [block.text] : [])).join('\n'),
    pictures: blocks.flatMap((block) => (block.type === 'image' ? [Buffer.from(block.source.data, 'base64')] : [])),
  }
}
