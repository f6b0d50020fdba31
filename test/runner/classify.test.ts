/** Real failures, made by fixture programs on a real runner, and what is made of them. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Classification, classify } from '../../worker/run/failures/classify.ts'
import { OutcomeFold } from '../../worker/run/execution/outcome-fold.ts'
import type { RunOutcome } from '../../worker/run/contract/outcome.ts'
import type { RunRequest } from '../../worker/run/contract/protocol.ts'
import { runWithRetry } from '../../worker/run/execution/retry.ts'
import { run } from '../../worker/run/execution/run.ts'
import type { RunInput, RunStep } from '../../worker/run/contract/step.ts'
import { type PackageIndex, startPackageIndex } from '../support/package-index.ts'
import { type RunningRunner, startRunner } from '../support/runner.ts'

const FIXTURES = fileURLToPath(new URL('../fixtures/failures', import.meta.url))
const fixture = (path: string) => readFileSync(join(FIXTURES, path), 'utf8')

/** `requests/exceptions.py` and so on: class names of libraries that are not installed. */
const STAND_INS = Object.fromEntries(
  readdirSync(join(FIXTURES, 'modules'), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.py'))
    .map((path) => [path, fixture(`modules/${path}`)]),
)

let index: PackageIndex
let runner: RunningRunner
beforeAll(async () => {
  index = await startPackageIndex([])
  runner = await startRunner({ start: 'plain', env: index.env })
})
afterAll(async () => {
  await runner?.stop()
  await index?.[Symbol.asyncDispose]()
})

let count = 0

/** A run as the session makes it, in a workspace of its own. */
async function outcomeOf(code: string, options: Options = {}): Promise<RunOutcome> {
  const id = `r_${++count}`
  const { memory_bytes, processes, workspace_bytes, ...given } = options
  const client = runner.client(`w${count}`)
  const limits = {
    ...(memory_bytes && { memory_bytes }),
    ...(processes && { processes }),
    ...(workspace_bytes && { workspace_bytes }),
  }
  const limited = (request: RunRequest) => ({ ...request, limits: { ...request.limits, ...limits } })
  const input = {
    id,
    code,
    timeout_s: 50,
    packages: { auto_install: true, allowed_packages: [], blocked_packages: [], network: 'open' as const },
    max_output_bytes: 1_000_000,
    orphan_grace_s: 0,
    install_timeout_s: 60,
    ...given,
  }
  const deps = {
    runner: {
      ...client,
      start: (request: RunRequest) => client.start(limited(request)),
      checkAndStart: (request: RunRequest) => client.checkAndStart!(limited(request)),
    },
    executor: 'local' as const,
    signal: new AbortController().signal,
    wait: async () => {},
    now: () => 0,
    spent: () => {},
  }
  let outcome: RunOutcome | undefined
  for await (const step of run(input, deps)) if (step.type === 'outcome') outcome = step.outcome
  return outcome!
}

type Options = Partial<Pick<RunInput, 'files' | 'stdin' | 'timeout_s'>> & NonNullable<RunRequest['limits']>

type Kind = Classification['kind']
/** The case, the class that the runner reports (where versions of Python differ, a pattern), the kind. */
type Case = [string, string | RegExp | undefined, Kind]

const MISTAKES: Case[] = [
  ['division', 'ZeroDivisionError', 'deterministic'],
  ['name', 'NameError', 'deterministic'],
  ['unbound', 'UnboundLocalError', 'deterministic'],
  ['key', 'KeyError', 'deterministic'],
  ['index', 'IndexError', 'deterministic'],
  ['attribute', 'AttributeError', 'deterministic'],
  ['type', 'TypeError', 'deterministic'],
  ['time zones', 'TypeError', 'deterministic'],
  ['value', 'ValueError', 'deterministic'],
  ['assertion', 'AssertionError', 'deterministic'],
  ['recursion', 'RecursionError', 'deterministic'],
  ['end of input', 'EOFError', 'deterministic'],
  ['not implemented', 'NotImplementedError', 'deterministic'],
  ['unicode decode', 'UnicodeDecodeError', 'deterministic'],
  ['unicode encode', 'UnicodeEncodeError', 'deterministic'],
  ['json', 'json.decoder.JSONDecodeError', 'deterministic'],
  ['json is empty', 'json.decoder.JSONDecodeError', 'deterministic'],
  ['struct', 'struct.error', 'deterministic'],
  ['zlib', 'zlib.error', 'deterministic'],
  ['regex', /^(re\.error|re\.PatternError|sre_constants\.error)$/, 'deterministic'],
  ['decimal', 'decimal.DivisionByZero', 'deterministic'],
  ['overflow', 'OverflowError', 'deterministic'],
  ['import', 'ModuleNotFoundError', 'deterministic'],
  ['import name', 'ImportError', 'deterministic'],
  ['own error', 'OwnError', 'deterministic'],
  ['runtime error with words', 'RuntimeError', 'transient'],
  ['reset behind another error', 'RuntimeError', 'deterministic'],
  ['tasks', 'KeyError', 'deterministic'],
  ['exit text', 'SystemExit', 'deterministic'],
  ['exit number', 'SystemExit', 'deterministic'],
  ['exit for later', 'SystemExit', 'transient'],
  ['interrupt', 'Signal', 'deterministic'],
  ['syntax', 'SyntaxError', 'deterministic'],
]

const FILES: Case[] = [
  ['no file', 'FileNotFoundError', 'deterministic'],
  ['is a folder', 'IsADirectoryError', 'deterministic'],
  ['is no folder', 'NotADirectoryError', 'deterministic'],
  ['exists', 'FileExistsError', 'deterministic'],
  ['same file', 'shutil.SameFileError', 'deterministic'],
  ['not allowed', 'PermissionError', 'deterministic'],
  ['too many open', 'OSError', 'limit'],
  ['file too large', 'OSError', 'limit'],
  ['disk full', 'OSError', 'limit'],
  ['bad descriptor', 'OSError', 'deterministic'],
  ['file is locked', 'BlockingIOError', 'transient'],
  ['nothing to read', 'BlockingIOError', 'transient'],
  ['zip', 'zipfile.BadZipFile', 'deterministic'],
  ['tar', 'tarfile.ReadError', 'deterministic'],
  ['gzip', 'gzip.BadGzipFile', 'deterministic'],
  ['pickle', '_pickle.UnpicklingError', 'deterministic'],
  ['xml', 'xml.etree.ElementTree.ParseError', 'deterministic'],
  ['ini', 'configparser.MissingSectionHeaderError', 'deterministic'],
  ['csv', '_csv.Error', 'deterministic'],
  ['database is locked', 'sqlite3.OperationalError', 'transient'],
  ['no table', 'sqlite3.OperationalError', 'deterministic'],
  ['integrity', 'sqlite3.IntegrityError', 'deterministic'],
  ['no database', 'sqlite3.DatabaseError', 'deterministic'],
]

const VENDORED = 'pip._vendor.requests.exceptions'
const NETWORK: Case[] = [
  ['socket refused', 'ConnectionRefusedError', 'transient'],
  ['socket reset', 'ConnectionResetError', 'transient'],
  ['socket broken pipe', 'BrokenPipeError', 'deterministic'],
  ['socket timeout', 'TimeoutError', 'transient'],
  ['socket port in use', 'OSError', 'deterministic'],
  ['socket unreachable', 'OSError', 'transient'],
  ['socket bad name', 'socket.gaierror', 'deterministic'],
  ['socket bad service', 'socket.gaierror', 'deterministic'],
  ['socket busy name server', 'socket.gaierror', 'transient'],
  ['socket tls to plain', 'ssl.SSLError', 'deterministic'],
  ['asyncio timeout', /^(asyncio\.exceptions\.)?TimeoutError$/, 'transient'],
  ['asyncio incomplete', 'asyncio.exceptions.IncompleteReadError', 'transient'],
  ['asyncio future', /^(concurrent\.futures\._base\.)?TimeoutError$/, 'transient'],
  ['http close', 'http.client.RemoteDisconnected', 'transient'],
  ['http no http', 'http.client.BadStatusLine', 'deterministic'],
  ['urllib refused', 'urllib.error.URLError', 'transient'],
  ['urllib close', 'http.client.RemoteDisconnected', 'transient'],
  ['urllib reset', 'ConnectionResetError', 'transient'],
  ['urllib cut', 'http.client.IncompleteRead', 'transient'],
  ['urllib silence', 'TimeoutError', 'transient'],
  ['urllib scheme', 'urllib.error.URLError', 'deterministic'],
  ['urllib file', 'urllib.error.URLError', 'deterministic'],
  ['urllib tls to plain', 'urllib.error.URLError', 'deterministic'],
  ['urllib 400', 'urllib.error.HTTPError', 'deterministic'],
  ['urllib 401', 'urllib.error.HTTPError', 'deterministic'],
  ['urllib 403', 'urllib.error.HTTPError', 'deterministic'],
  ['urllib 403/rate limit exceeded', 'urllib.error.HTTPError', 'transient'],
  ['urllib 404', 'urllib.error.HTTPError', 'deterministic'],
  ['urllib 429', 'urllib.error.HTTPError', 'transient'],
  ['urllib 500', 'urllib.error.HTTPError', 'deterministic'],
  ['urllib 502', 'urllib.error.HTTPError', 'transient'],
  ['urllib 503', 'urllib.error.HTTPError', 'transient'],
  ['urllib 504', 'urllib.error.HTTPError', 'transient'],
  ['requests refused', `${VENDORED}.ConnectionError`, 'deterministic'],
  ['requests refused elsewhere', `${VENDORED}.ConnectionError`, 'transient'],
  ['requests reset', `${VENDORED}.ConnectionError`, 'transient'],
  ['requests close', `${VENDORED}.ConnectionError`, 'transient'],
  ['requests cut chunks', `${VENDORED}.ChunkedEncodingError`, 'transient'],
  ['requests silence', `${VENDORED}.ReadTimeout`, 'transient'],
  ['requests tls to plain', `${VENDORED}.SSLError`, 'deterministic'],
  ['requests 429', `${VENDORED}.HTTPError`, 'transient'],
  ['requests 503', `${VENDORED}.HTTPError`, 'transient'],
  ['requests 404', `${VENDORED}.HTTPError`, 'deterministic'],
  ['requests given up', `${VENDORED}.RetryError`, 'transient'],
  ['requests schema', `${VENDORED}.MissingSchema`, 'deterministic'],
  ['requests circle', `${VENDORED}.TooManyRedirects`, 'deterministic'],
  ['requests page as json', `${VENDORED}.JSONDecodeError`, 'deterministic'],
  ['urllib3 refused', 'pip._vendor.urllib3.exceptions.NewConnectionError', 'transient'],
  ['urllib3 503', 'pip._vendor.urllib3.exceptions.MaxRetryError', 'transient'],
]

const SYSTEM: Case[] = [
  ['memory error', 'MemoryError', 'limit'],
  ['memory limit', 'MemoryLimit', 'limit'],
  ['process limit', 'ProcessLimit', 'limit'],
  ['full workspace', 'WorkspaceQuota', 'limit'],
  ['time limit', 'Timeout', 'limit'],
  ['pool breaks', 'concurrent.futures.process.BrokenProcessPool', 'limit'],
  ['killed', 'Signal', 'limit'],
  ['crashed', 'Signal', 'deterministic'],
  ['terminated', 'Signal', 'deterministic'],
  ['bare exit', undefined, 'deterministic'],
  ['bare exit for later', undefined, 'transient'],
  ['command fails', 'subprocess.CalledProcessError', 'deterministic'],
  ['command not found', 'FileNotFoundError', 'deterministic'],
  ['shell finds no command', 'subprocess.CalledProcessError', 'deterministic'],
  ['command takes too long', 'subprocess.TimeoutExpired', 'deterministic'],
  ['command is killed', 'subprocess.CalledProcessError', 'limit'],
  ['command asks for later', 'subprocess.CalledProcessError', 'transient'],
  ['pip fails', 'subprocess.CalledProcessError', 'deterministic'],
  ['broken pipe', 'BrokenPipeError', 'deterministic'],
  ['curl', 'subprocess.CalledProcessError', 'transient'],
  ['curl refuses', 'subprocess.CalledProcessError', 'deterministic'],
]

const OPTIONS: Record<string, Options> = {
  'memory limit': { memory_bytes: 96 * 1024 ** 2 },
  'process limit': { processes: 12 },
  'full workspace': { workspace_bytes: 1024 ** 2 },
  'time limit': { timeout_s: 1 },
}

const THIRD_PARTY: [string, Kind][] = [
  ['requests.exceptions ConnectionError reset', 'transient'],
  ['requests.exceptions ConnectionError busy name server', 'transient'],
  ['requests.exceptions ConnectionError unknown host', 'deterministic'],
  ['requests.exceptions SSLError certificate', 'deterministic'],
  ['requests.exceptions ConnectTimeout', 'transient'],
  ['requests.exceptions HTTPError 403 rate limit', 'transient'],
  ['urllib3.exceptions ProtocolError', 'transient'],
  ['urllib3.exceptions NewConnectionError', 'transient'],
  ['httpx ConnectTimeout', 'transient'],
  ['httpx ConnectError refused', 'transient'],
  ['httpx ConnectError unknown host', 'deterministic'],
  ['httpx ConnectError tls', 'deterministic'],
  ['httpx RemoteProtocolError', 'transient'],
  ['httpx HTTPStatusError 429', 'transient'],
  ['httpx HTTPStatusError 404', 'deterministic'],
  ['httpx UnsupportedProtocol', 'deterministic'],
  ['aiohttp.client_exceptions ClientConnectorError local', 'deterministic'],
  ['aiohttp.client_exceptions ClientConnectorError', 'transient'],
  ['aiohttp.client_exceptions ClientConnectorDNSError', 'deterministic'],
  ['aiohttp.client_exceptions ServerDisconnectedError', 'transient'],
  ['aiohttp.client_exceptions ClientResponseError 503', 'transient'],
  ['aiohttp.client_exceptions ClientResponseError 401', 'deterministic'],
  ['openai RateLimitError', 'transient'],
  ['openai RateLimitError quota', 'deterministic'],
  ['openai APIConnectionError', 'transient'],
  ['openai APITimeoutError', 'transient'],
  ['openai InternalServerError 503', 'transient'],
  ['openai InternalServerError 500', 'deterministic'],
  ['openai AuthenticationError', 'deterministic'],
  ['botocore.exceptions ClientError throttled', 'transient'],
  ['botocore.exceptions ClientError denied', 'deterministic'],
  ['botocore.exceptions EndpointConnectionError', 'transient'],
  ['botocore.exceptions NoCredentialsError', 'deterministic'],
  ['google.api_core.exceptions ServiceUnavailable', 'transient'],
  ['google.api_core.exceptions ResourceExhausted', 'transient'],
  ['google.api_core.exceptions InvalidArgument', 'deterministic'],
  ['redis.exceptions ConnectionError', 'transient'],
  ['psycopg2 OperationalError', 'transient'],
  ['psycopg2 OperationalError password', 'deterministic'],
  ['sqlalchemy.exc OperationalError locked', 'transient'],
  ['sqlalchemy.exc OperationalError table', 'deterministic'],
]

/** What a model is told: at most one explanation, which begins with the reason and ends with one next step. */
function expectExplainedOnce({ hints }: RunOutcome): void {
  expect(hints.length).toBeLessThanOrEqual(1)
  for (const hint of hints) expect(hint).toMatch(/^(?:["A-Z].{10,900}[.…"] )?Next: [^.].{10,300}\.$/)
  expect(hints.join('').split('Next:').length).toBeLessThanOrEqual(2)
}

describe.each<[string, Case[]]>([
  ['mistakes', MISTAKES],
  ['files', FILES],
  ['network', NETWORK],
  ['system', SYSTEM],
])('%s', (file, cases) => {
  test.each(cases)('%s', async (name, type, kind) => {
    const outcome = await outcomeOf(fixture(`${file}.py`), { stdin: `${name}\n`, ...OPTIONS[name] })
    expect({ type: outcome.error?.type, kind: classify(outcome).kind }).toEqual({
      type: type instanceof RegExp ? expect.stringMatching(type) : type,
      kind,
    })
    expectExplainedOnce(outcome)
    expect(outcome.hints).toMatchSnapshot()
  })
})

describe('libraries', () => {
  test.each(THIRD_PARTY)('%s', async (name, kind) => {
    const [module, kindOfError] = name.split(' ')
    const outcome = await outcomeOf(fixture('third_party.py'), { stdin: `${name}\n`, files: STAND_INS })
    expect({ type: outcome.error?.type, kind: classify(outcome).kind }).toEqual({
      type: `${module}.${kindOfError}`,
      kind,
    })
    expectExplainedOnce(outcome)
    expect(outcome.hints).toMatchSnapshot()
  })
})

test('a wait that the service asks for is taken from its answer, else from the message', async () => {
  const asked = async (file: string, name: string) => {
    const outcome = await outcomeOf(fixture(`${file}.py`), { stdin: `${name}\n`, files: STAND_INS })
    return classify(outcome).retry_after_ms
  }
  expect(await asked('network', 'urllib 429/Retry-After: 2')).toBe(7000)
  expect(await asked('network', 'requests 429')).toBe(7000)
  expect(await asked('network', 'urllib 503/busy, retry after 2 minutes')).toBe(120_000)
  expect(await asked('third_party', 'openai RateLimitError')).toBe(20_000)
  expect(await asked('network', 'urllib 404/Retry-After: 2')).toBeUndefined()
})

/** A run on the real runner as the session starts it. */
function start(code: string, workspace: string) {
  const id = `r_${++count}`
  const steps: RunStep[] = []
  const fold = new OutcomeFold()
  const outcome = (async () => {
    const events = runner.client(workspace).start({ id, code, timeout_s: 50, orphan_grace_s: 0 })
    for await (const event of events) {
      fold.add(event)
      steps.push(event)
    }
    return fold.outcome(id, 'local')
  })()
  async function* read() {
    await outcome
    yield* steps
  }
  return { id, outcome, read, cancel: () => void runner.client(workspace).cancel(id) }
}

test('a program that meets two connection resets and then works is run three times and succeeds', async () => {
  const retried = runWithRetry({
    start: () => start(fixture('resets_twice.py'), 'resets'),
    maxRetries: 3,
    random: () => 0.1,
    wait: () => Promise.resolve(),
  })
  const outcome = await retried.outcome
  expect(outcome).toMatchObject({
    status: 'success',
    stdout: 'run 3\nthe data\n',
    attempts: [
      { status: 'error', error: { type: 'ConnectionResetError' }, waited_ms: 0 },
      { status: 'error', error: { type: 'ConnectionResetError' }, waited_ms: 50 },
      { status: 'success', error: null, waited_ms: 100 },
    ],
  })
  expect(new Set(outcome.attempts?.map(({ run_id }) => run_id)).size).toBe(3)
  expect(await (await runner.client('resets').readFile('runs.txt'))!.text()).toBe('3')
})

test('a division by zero is run once', async () => {
  let runs = 0
  const retried = runWithRetry({
    start: () => {
      runs++
      return start(fixture('../programs/division.py'), 'division')
    },
    maxRetries: 5,
    random: Math.random,
    wait: () => Promise.reject(new Error('it must not wait')),
  })
  expect((await retried.outcome).attempts).toHaveLength(1)
  expect(runs).toBe(1)
})
