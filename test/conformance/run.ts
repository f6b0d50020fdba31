/**
 * Runs the official MCP conformance suite against the test entry: `node test/conformance/run.ts [revision…]`. A requirement set is
 * frozen; its *scored* scenarios are what its revision requires. The suite also runs others: those of the Tasks extension, which must
 * pass here too, and pending or later ones, which are listed and fail nothing.
 */
import { spawn } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { startConformanceServer } from './serve.ts'

/** Requirement set → how many server scenarios it scores, so that a set that became smaller does not pass unnoticed. */
export const REQUIREMENTS = { '2025-11-25': 30, '2026-07-28': 37 } as const

/** Scenarios of the Tasks extension, which no set scores and which must pass here all the same → checks that pass. */
export const TASKS_SCENARIOS: Record<string, number> = {
  'tasks-lifecycle': 9,
  'tasks-capability-negotiation': 5,
  'tasks-wire-fields': 4,
  'tasks-request-state-removal': 3,
  'tasks-mrtr-input': 4,
  'tasks-request-headers': 5,
  'tasks-dispatch-and-envelope': 9,
  // The suite itself skips its only check.
  'tasks-status-notifications': 0,
  'tasks-required-task-error': 3,
  'tasks-mrtr-composition': 2,
}

/** Counts are of checks; a scenario passes when none of its checks failed. */
export interface ScenarioResult {
  requirements: string
  scenario: string
  passed: number
  failed: number
  warned: number
  skipped: number
  scored: boolean
  /** Each failed check with the suite's reason. */
  failures: string[]
}

interface Check {
  id: string
  status: 'SUCCESS' | 'FAILURE' | 'WARNING' | 'SKIPPED' | 'INFO'
  description: string
  errorMessage?: string
}

/** Runs one requirement set against a server, in the suite's order. Throws when the suite itself did not run. */
export async function runRequirements(requirements: string, url: string): Promise<ScenarioResult[]> {
  const folder = await mkdtemp(join(tmpdir(), 'conformance-results-'))
  try {
    const { output, code } = await runSuite(['server', '--url', url, '--requirements', requirements, '-o', folder])
    const checks = await readChecks(folder)
    const unscored = new Set(matches(output, /^ {2}[✓✗] (\S+) \(/gm).map(([, scenario]) => scenario))
    const results = matches(output, /^[✓✗] (\S+): \d+ passed, (\d+) failed$/gm).map(([, scenario = '', failed]) =>
      summarize(requirements, scenario, Number(failed), !unscored.has(scenario), checks.get(scenario) ?? []),
    )
    const passes = results.length > 0 && results.every((result) => !result.scored || result.failed === 0)
    if (passes !== (code === 0)) throw new Error(`The suite ended with code ${code}, unlike its results.\n${output}`)
    return results
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

function summarize(
  requirements: string,
  scenario: string,
  failed: number,
  scored: boolean,
  checks: Check[],
): ScenarioResult {
  const of = (status: Check['status']) => checks.filter((check) => check.status === status)
  return {
    requirements,
    scenario,
    passed: of('SUCCESS').length,
    failed,
    warned: of('WARNING').length,
    skipped: of('SKIPPED').length,
    scored,
    failures: of('FAILURE').map((check) => `${scenario} ${check.id}: ${check.errorMessage ?? check.description}`),
  }
}

function runSuite(args: string[]): Promise<{ output: string; code: number | null }> {
  const cli = new URL('../clients/node_modules/@modelcontextprotocol/conformance/dist/index.js', import.meta.url)
  return new Promise((resolve, reject) => {
    const suite = spawn(process.execPath, [fileURLToPath(cli), ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    suite.stdout.on('data', (chunk) => (output += chunk))
    suite.stderr.on('data', (chunk) => (output += chunk))
    suite.once('error', reject)
    suite.once('close', (code) => resolve({ output, code }))
  })
}

/** The suite writes `server-<scenario>-<time>/checks.json`; a scenario that threw leaves no such file. */
async function readChecks(folder: string): Promise<Map<string, Check[]>> {
  const checks = new Map<string, Check[]>()
  for (const name of await readdir(folder)) {
    const scenario = /^server-(.+)-\d{4}-\d\d-\d\dT[\d-]+Z$/.exec(name)?.[1]
    if (scenario === undefined) continue
    checks.set(scenario, JSON.parse(await readFile(join(folder, name, 'checks.json'), 'utf8')) as Check[])
  }
  return checks
}

function matches(text: string, pattern: RegExp): RegExpExecArray[] {
  return [...text.matchAll(pattern)]
}

async function main(revisions: string[]): Promise<void> {
  const entry = await startConformanceServer()
  try {
    for (const requirements of revisions) print(requirements, await runRequirements(requirements, entry.url))
  } finally {
    await entry.stop()
  }
}

function print(requirements: string, results: ScenarioResult[]): void {
  console.log(`\n${requirements}`)
  const wanted = results.filter(({ scored, scenario }) => scored || scenario in TASKS_SCENARIOS)
  for (const result of results) {
    const { scenario, passed, failed, warned, skipped, scored } = result
    const counts = Object.entries({ passed, failed, warned, skipped }).filter(([, count]) => count > 0)
    const summary = counts.map(([what, count]) => `${count} ${what}`).join(', ')
    console.log(`${failed > 0 ? 'FAIL' : 'ok  '} ${scenario}${scored ? '' : ' (not scored)'}: ${summary}`)
    if (wanted.includes(result)) for (const failure of result.failures) console.log(`     ${failure}`)
  }
  const scored = results.filter((result) => result.scored)
  const failing = scored.filter((result) => result.failed > 0)
  const unscored = results.filter((result) => !result.scored)
  const unscoredFailing = unscored.filter((result) => result.failed > 0)
  console.log(
    `${scored.length - failing.length} of ${scored.length} scored scenarios pass, ` +
      `${unscored.length - unscoredFailing.length} of ${unscored.length} others`,
  )
  if (wanted.some((result) => result.failed > 0)) process.exitCode = 1
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1))
  const chosen = process.argv.slice(2)
  await main(chosen.length > 0 ? chosen : Object.keys(REQUIREMENTS))
}
