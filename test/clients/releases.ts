/** The releases of others' clients that are driven against the server. Each is installed alone, as their dependencies disagree. */

export type Release = { npm: string[] } | { pip: string[] } | { go: string }

/** What came out later is not installed, so that the packages below these stay the same, too. */
export const RELEASED_BEFORE = '2026-11-28'

export const UV = 'uv==0.13.9'

export const RELEASES = {
  'claude-code': { npm: ['@anthropic-ai/claude-code@2.1.332'] },
  codex: { npm: ['@openai/codex@0.171.0'] },
  'langchain-js': {
    npm: ['@langchain/mcp-adapters@1.1.4', '@langchain/core@1.4.0', '@langchain/langgraph@1.7.3'],
  },
  'gemini-cli': { npm: ['@google/gemini-cli-core@0.61.0'] },
  'mcp-1': { pip: ['mcp==1.30.0'] },
  'mcp-2': { pip: ['mcp==2.3.0'] },
  'fastmcp-2': { pip: ['fastmcp==2.14.7'] },
  'fastmcp-3': { pip: ['fastmcp==3.4.11'] },
  'fastmcp-4': { pip: ['fastmcp==4.2.3'] },
  // A program of ours, whose go.mod pins the rest.
  'go-sdk': { go: 'libraries/go' },
  crewai: { pip: ['crewai-tools[mcp]==1.15.30'] },
} satisfies Record<string, Release>

export type ClientName = keyof typeof RELEASES
