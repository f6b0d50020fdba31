/** A run as clients read it, in a list and as a receipt: as a resource and over HTTP. */
import { shownText } from '../../text/quote.ts'
import { redact } from '../../learning/secrets/redact.ts'
import type { ListedRun, RunHistory, RunSummary } from '../../run/contract/history.ts'
import type { ShownOutcome } from '../../run/contract/outcome.ts'
import type { ShownRun } from '../caller.ts'

/** Characters of a description in a list. */
const MAX_LISTED_CHARS = 300

export function runSummary({ id, status, objective, created_at, ended_at }: RunSummary) {
  return {
    run_id: id,
    status,
    objective,
    created_at: iso(created_at),
    ended_at: ended_at === null ? null : iso(ended_at),
  }
}

/** A run as an item of a list. Only receipts have long descriptions whole, so that a hundred runs fit into an answer. */
export function listedRun(run: ListedRun) {
  const { description, objective, headline, said, error, client, tool, started_at, wall_ms, pictures } = run
  return {
    ...runSummary({ ...run, objective: shownText(objective, MAX_LISTED_CHARS) }),
    description: shownText(description || objective, MAX_LISTED_CHARS),
    program_line: headline,
    output_line: said,
    error,
    client,
    tool,
    started_at: started_at === null ? null : iso(started_at),
    wall_ms,
    ...(pictures.length > 0 && { pictures }),
  }
}

/** A run's receipt. It has the program without its secrets; of a long one, the beginning. `history`: null when nothing more is known. */
export function runReceipt(run: ShownRun, history: RunHistory | null) {
  const { description = '', asked = null, checked = null, started_at = null, program = null } = history ?? {}
  const { tool = null, client = null, ...given } = asked ?? {}
  return {
    ...runSummary(run),
    description: description || run.objective,
    started_at: started_at === null ? null : iso(started_at),
    client,
    tool,
    arguments: asked === null ? null : given,
    checked,
    program: program?.text ?? null,
    program_chars: program?.chars ?? null,
    outcome: run.outcome && withoutSecrets(run.outcome),
  }
}

/** The outcome without secrets: the source lines of its error are lines of the program. */
function withoutSecrets(outcome: ShownOutcome): ShownOutcome {
  const { error } = outcome
  return error?.frame == null ? outcome : { ...outcome, error: { ...error, frame: redact(error.frame) } }
}

function iso(time: number): string {
  return new Date(time).toISOString()
}
