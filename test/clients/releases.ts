/** The releases of others' clients that are driven against the server. Each is installed alone, as their dependencies disagree. */

export type Release = { npm: string[] } | { pip: string[] }

/** What came out later is not installed, so that the packages below these stay the same, too. */
export const RELEASED_BEFORE = '2026-11-28'

export const UV = 'uv==0.13.9'

export const RELEASES = {
  'claude-code': { npm: ['@anthropic-ai/claude-code@2.1.332'] },
  codex: { npm: ['@openai/codex@0.171.0'] },
} satisfies Record<string, Release>

export type ClientName = keyof typeof RELEASES
