/** What a model reads of what only happens in a sandbox, in words alone: the sandboxes of test/sandbox bring it about. */
import { expect, test } from 'vitest'
import type { FileSource } from '../../worker/mcp/caller.ts'
import { runResult } from '../../worker/mcp/results/result.ts'
import { OutcomeFold } from '../../worker/run/execution/outcome-fold.ts'
import type { RunOutcome } from '../../worker/run/contract/outcome.ts'
import { RunnerError, type SandboxFailure } from '../../worker/run/contract/errors.ts'
import { platformErrorWords } from '../../worker/run/words/platform.ts'
import { hintsFor } from '../../worker/run/words/hints.ts'
import { workspaceNotes } from '../../worker/run/words/workspace.ts'
import type { Block } from './transcript.ts'

const NO_FILES = new Proxy({} as FileSource, {
  get: (_target, name) => {
    throw new Error(`asked for ${String(name)}`)
  },
})

async function read(outcome: RunOutcome, notes: string[] = []): Promise<string> {
  const known = {
    notes,
    not_installed: [],
    late_installs: [],
    check_notes: [],
    refused_hosts: [],
    has_stdin: false,
    timeout_s: 50,
  }
  const context = {
    ...known,
    network: { network: 'open' as const, allowed_hosts: [] },
    over_quota: undefined,
    pictures_as_text: 0,
    sawAllFiles: true,
  }
  const { content, isError } = await runResult({ ...outcome, hints: hintsFor(outcome, context) }, NO_FILES)
  return `=== answer${isError === true ? ' (isError)' : ''}\n${(content as Block[]).map(({ text }) => text).join('\n')}`
}

const printed = new OutcomeFold()
printed.add({ type: 'started', n: 1, pid: 7 })
printed.add({ type: 'stdout', n: 2, text: 'rows: 3\n' })
const lost = printed.outcome('r_0123456789abcdef', 'sandbox')
const success: RunOutcome = { ...lost, status: 'success', exit_code: 0 }

const FAILURES: SandboxFailure[] = [
  'sandbox_full',
  'sandbox_slow',
  'sandbox_failed',
  'sandbox_not_restored',
  'sandbox_off',
  'sandbox_unreachable',
  'sandbox_frozen',
  'network_busy',
  'network_unsaved',
  'no_package_hosts',
]

test('results of runs in a sandbox', async () => {
  const told = [
    ['lost', await read(lost)],
    [
      'in a new sandbox',
      await read(success, workspaceNotes({ restored_from: '2026-11-28T09:30:00.123Z', emptied: false, unsaved: null })),
    ],
    [
      'with files too large to be saved',
      await read(success, workspaceNotes({ restored_from: null, emptied: false, unsaved: 'too_large' })),
    ],
    [
      'with files not saved yet',
      await read(success, workspaceNotes({ restored_from: null, emptied: false, unsaved: 'failed' })),
    ],
    [
      'in a new sandbox after one that was never saved',
      await read(success, workspaceNotes({ restored_from: null, emptied: true, unsaved: null })),
    ],
    ...FAILURES.map((failure) => [failure, platformErrorWords(new RunnerError(failure, 'why'))]),
  ]
  const text = told.map(([what, words]) => `##### ${what}\n${words}\n`).join('\n')
  await expect(text).toMatchFileSnapshot('sandbox/words.txt')
})
