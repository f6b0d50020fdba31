/** Real failures, made by fixture programs on a real runner, and what is made of them. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { classify, type Classification } from '../../worker/run/classify.ts'
import { FAILURE_RULES } from '../../worker/run/failure-rules.ts'
import { OutcomeFold, type RunOutcome } from '../../worker/run/outcome.ts'
import type { RunRequest } from '../../worker/run/protocol.ts'
import { runWithRetry } from '../../worker/run/retry.ts'
import type { RunStep } from '../../worker/run/run.ts'
import { type RunningRunner, startRunner } from '../support/runner.ts'

const FIXTURES = fileURLToPath(new URL('../fixtures/failures', import.meta.url))
const fixture = (path: string) => readFileSync(join(FIXTURES, path), 'utf8')

/** `requests/exceptions.py` and so on: class names of libraries that are not installed. */
const STAND_INS = Object.fromEntries(
  readdirSync(join(FIXTURES, 'modules'), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.py'))
    .map((path) => [path, fixture(`modules/${path}`)]),
)

let runner: RunningRunner
beforeAll(async () => {
  runner = await startRunner({ start: 'plain' })
})
afterAll(() => runner.stop())

let count = 0

async function outcomeOf(code: string, workspace: string, options: Partial<RunRequest> = {}): Promise<RunOutcome> {
  const id = `r_${++count}`
  const fold = new OutcomeFold()
  for await (const event of runner.client(workspace).start({
    id,
    code,
    timeout_s: 50,
    orphan_grace_s: 0,
    ...options,
  })) {
    fold.add(event)
  }
  return fold.outcome(id, 'local')
}

type Kind = Classification['kind']
/** The case, the class that the runner reports (where versions of Python differ, a pattern), the kind, a part of the hint or of the reason. */
type Case = [string, string | RegExp | undefined, Kind, RegExp]

const MISTAKES: Case[] = [
  ['division', 'ZeroDivisionError', 'deterministic', /check the value/],
  ['name', 'NameError', 'deterministic', /import|spelling/],
  ['unbound', 'UnboundLocalError', 'deterministic', /spelling/],
  ['key', 'KeyError', 'deterministic', /print the keys/],
  ['index', 'IndexError', 'deterministic', /len\(/],
  ['attribute', 'AttributeError', 'deterministic', /None/],
  ['type', 'TypeError', 'deterministic', /types of the values/],
  ['value', 'ValueError', 'deterministic', /repr/],
  ['assertion', 'AssertionError', 'deterministic', /print the values/],
  ['recursion', 'RecursionError', 'deterministic', /loop/],
  ['end of input', 'EOFError', 'deterministic', /input\(\)/],
  ['not implemented', 'NotImplementedError', 'deterministic', /marked line/],
  ['unicode decode', 'UnicodeDecodeError', 'deterministic', /encoding/],
  ['unicode encode', 'UnicodeEncodeError', 'deterministic', /utf-8/],
  ['json', 'json.decoder.JSONDecodeError', 'deterministic', /first 200 characters/],
  ['json is empty', 'json.decoder.JSONDecodeError', 'deterministic', /empty/],
  ['struct', 'struct.error', 'deterministic', /first bytes/],
  ['zlib', 'zlib.error', 'deterministic', /first bytes/],
  ['regex', /^(re\.error|re\.PatternError|sre_constants\.error)$/, 'deterministic', /re\.escape/],
  ['decimal', 'decimal.DivisionByZero', 'deterministic', /check the value/],
  ['overflow', 'OverflowError', 'deterministic', /check the value/],
  ['import', 'ModuleNotFoundError', 'deterministic', /pip_install/],
  ['import name', 'ImportError', 'deterministic', /spelling/],
  ['own error', 'OwnError', 'deterministic', /change the program/],
  ['runtime error with words', 'RuntimeError', 'deterministic', /change the program/],
  ['reset behind another error', 'RuntimeError', 'deterministic', /change the program/],
  ['tasks', 'KeyError', 'deterministic', /print the keys/],
  ['exit text', 'SystemExit', 'deterministic', /last lines/],
  ['exit number', 'SystemExit', 'deterministic', /last lines/],
  ['exit for later', 'SystemExit', 'transient', /asks to be run again/],
  ['interrupt', 'Signal', 'deterministic', /signal/],
  ['syntax', 'SyntaxError', 'deterministic', /bracket/],
]

const FILES: Case[] = [
  ['no file', 'FileNotFoundError', 'deterministic', /working folder/],
  ['is a folder', 'IsADirectoryError', 'deterministic', /os\.path\.isdir/],
  ['is no folder', 'NotADirectoryError', 'deterministic', /os\.path\.isdir/],
  ['exists', 'FileExistsError', 'deterministic', /exist_ok/],
  ['same file', 'shutil.SameFileError', 'deterministic', /path/],
  ['not allowed', 'PermissionError', 'deterministic', /relative path/],
  ['too many open', 'OSError', 'limit', /close files/],
  ['file too large', 'OSError', 'limit', /write less/],
  ['disk full', 'OSError', 'limit', /delete files/],
  ['bad descriptor', 'OSError', 'deterministic', /arguments/],
  ['file is locked', 'BlockingIOError', 'transient', /lock/],
  ['nothing to read', 'BlockingIOError', 'transient', /lock/],
  ['zip', 'zipfile.BadZipFile', 'deterministic', /first bytes/],
  ['tar', 'tarfile.ReadError', 'deterministic', /first bytes/],
  ['gzip', 'gzip.BadGzipFile', 'deterministic', /first bytes/],
  ['pickle', '_pickle.UnpicklingError', 'deterministic', /first bytes/],
  ['xml', 'xml.etree.ElementTree.ParseError', 'deterministic', /line and column/],
  ['ini', 'configparser.MissingSectionHeaderError', 'deterministic', /line and column/],
  ['csv', '_csv.Error', 'deterministic', /first bytes/],
  ['database is locked', 'sqlite3.OperationalError', 'transient', /close or commit/],
  ['no table', 'sqlite3.OperationalError', 'deterministic', /sqlite_master/],
  ['integrity', 'sqlite3.IntegrityError', 'deterministic', /statement/],
  ['no database', 'sqlite3.DatabaseError', 'deterministic', /file/],
]

const VENDORED = 'pip._vendor.requests.exceptions'
const NETWORK: Case[] = [
  ['socket refused', 'ConnectionRefusedError', 'transient', /host and port/],
  ['socket reset', 'ConnectionResetError', 'transient', /closed the connection/],
  ['socket broken pipe', 'BrokenPipeError', 'deterministic', /stderr and exit code/],
  ['socket timeout', 'TimeoutError', 'transient', /wait longer/],
  ['socket port in use', 'OSError', 'deterministic', /port 0/],
  ['socket unreachable', 'OSError', 'transient', /network/],
  ['socket bad name', 'socket.gaierror', 'deterministic', /spelling of the host/],
  ['socket bad service', 'socket.gaierror', 'deterministic', /port/],
  ['socket busy name server', 'socket.gaierror', 'transient', /"network"/],
  ['socket tls to plain', 'ssl.SSLError', 'deterministic', /http:\/\//],
  ['asyncio timeout', /^(asyncio\.exceptions\.)?TimeoutError$/, 'transient', /wait longer/],
  ['asyncio incomplete', 'asyncio.exceptions.IncompleteReadError', 'transient', /go on from there/],
  ['asyncio future', /^(concurrent\.futures\._base\.)?TimeoutError$/, 'transient', /wait longer/],
  ['http close', 'http.client.RemoteDisconnected', 'transient', /closed the connection/],
  ['http no http', 'http.client.BadStatusLine', 'deterministic', /speaks HTTP/],
  ['urllib refused', 'urllib.error.URLError', 'transient', /network/],
  ['urllib close', 'http.client.RemoteDisconnected', 'transient', /closed the connection/],
  ['urllib reset', 'ConnectionResetError', 'transient', /closed the connection/],
  ['urllib cut', 'http.client.IncompleteRead', 'transient', /go on from there/],
  ['urllib silence', 'TimeoutError', 'transient', /wait longer/],
  ['urllib scheme', 'urllib.error.URLError', 'deterministic', /scheme/],
  ['urllib file', 'urllib.error.URLError', 'deterministic', /address/],
  ['urllib tls to plain', 'urllib.error.URLError', 'deterministic', /http:\/\//],
  ['urllib 400', 'urllib.error.HTTPError', 'deterministic', /body of the answer/],
  ['urllib 401', 'urllib.error.HTTPError', 'deterministic', /key or token/],
  ['urllib 403', 'urllib.error.HTTPError', 'deterministic', /User-Agent/],
  ['urllib 403/rate limit exceeded', 'urllib.error.HTTPError', 'transient', /ask less often/],
  ['urllib 404', 'urllib.error.HTTPError', 'deterministic', /nothing at this address/],
  ['urllib 429', 'urllib.error.HTTPError', 'transient', /Retry-After/],
  ['urllib 500', 'urllib.error.HTTPError', 'deterministic', /body/],
  ['urllib 502', 'urllib.error.HTTPError', 'transient', /overloaded/],
  ['urllib 503', 'urllib.error.HTTPError', 'transient', /try later/],
  ['urllib 504', 'urllib.error.HTTPError', 'transient', /overloaded/],
  ['requests refused', `${VENDORED}.ConnectionError`, 'deterministic', /start the server in the same program/],
  ['requests refused elsewhere', `${VENDORED}.ConnectionError`, 'transient', /network/],
  ['requests reset', `${VENDORED}.ConnectionError`, 'transient', /network/],
  ['requests close', `${VENDORED}.ConnectionError`, 'transient', /network/],
  ['requests cut chunks', `${VENDORED}.ChunkedEncodingError`, 'transient', /ask for less/],
  ['requests silence', `${VENDORED}.ReadTimeout`, 'transient', /wait longer/],
  ['requests tls to plain', `${VENDORED}.SSLError`, 'deterministic', /http:\/\//],
  ['requests 429', `${VENDORED}.HTTPError`, 'transient', /ask less often/],
  ['requests 503', `${VENDORED}.HTTPError`, 'transient', /overloaded/],
  ['requests 404', `${VENDORED}.HTTPError`, 'deterministic', /path and query/],
  ['requests given up', `${VENDORED}.RetryError`, 'transient', /overloaded/],
  ['requests schema', `${VENDORED}.MissingSchema`, 'deterministic', /needs http:\/\//],
  ['requests circle', `${VENDORED}.TooManyRedirects`, 'deterministic', /Location/],
  ['requests page as json', `${VENDORED}.JSONDecodeError`, 'deterministic', /HTML/],
  ['urllib3 refused', 'pip._vendor.urllib3.exceptions.NewConnectionError', 'transient', /network/],
  ['urllib3 503', 'pip._vendor.urllib3.exceptions.MaxRetryError', 'transient', /network/],
]

const SYSTEM: Case[] = [
  ['memory error', 'MemoryError', 'limit', /chunks/],
  ['memory limit', 'MemoryLimit', 'limit', /chunks/],
  ['process limit', 'ProcessLimit', 'limit', /pool of 4/],
  ['full workspace', 'WorkspaceQuota', 'limit', /delete files/],
  ['time limit', 'Timeout', 'limit', /larger timeout/],
  ['pool breaks', 'concurrent.futures.process.BrokenProcessPool', 'limit', /fewer worker/],
  ['killed', 'Signal', 'limit', /less memory/],
  ['crashed', 'Signal', 'deterministic', /faulthandler/],
  ['terminated', 'Signal', 'deterministic', /signal/],
  ['bare exit', undefined, 'deterministic', /exit code 4/],
  ['bare exit for later', undefined, 'transient', /exit code 75/],
  ['command fails', 'subprocess.CalledProcessError', 'deterministic', /capture_output/],
  ['command not found', 'FileNotFoundError', 'deterministic', /command/],
  ['shell finds no command', 'subprocess.CalledProcessError', 'deterministic', /shutil\.which/],
  ['command takes too long', 'subprocess.TimeoutExpired', 'deterministic', /larger timeout/],
  ['command is killed', 'subprocess.CalledProcessError', 'limit', /less to do/],
  ['command asks for later', 'subprocess.CalledProcessError', 'transient', /75/],
  ['pip fails', 'subprocess.CalledProcessError', 'deterministic', /pip_install/],
  ['broken pipe', 'BrokenPipeError', 'deterministic', /stderr and exit code/],
  ['curl', 'subprocess.CalledProcessError', 'transient', /curl/],
  ['curl refuses', 'subprocess.CalledProcessError', 'deterministic', /capture_output/],
]

const OPTIONS: Record<string, Partial<RunRequest>> = {
  'memory limit': { limits: { memory_bytes: 96 * 1024 ** 2 } },
  'process limit': { limits: { processes: 12 } },
  'full workspace': { limits: { workspace_bytes: 1024 ** 2 } },
  'time limit': { timeout_s: 1 },
}

const THIRD_PARTY: [string, Kind, RegExp][] = [
  ['requests.exceptions ConnectionError reset', 'transient', /network/],
  ['requests.exceptions ConnectionError busy name server', 'transient', /name server/],
  ['requests.exceptions ConnectionError unknown host', 'deterministic', /spelling of the host/],
  ['requests.exceptions SSLError certificate', 'deterministic', /certificate/],
  ['requests.exceptions ConnectTimeout', 'transient', /wait longer/],
  ['requests.exceptions HTTPError 403 rate limit', 'transient', /wait for the limit/],
  ['urllib3.exceptions ProtocolError', 'transient', /closed the connection/],
  ['urllib3.exceptions NewConnectionError', 'transient', /network/],
  ['httpx ConnectTimeout', 'transient', /wait longer/],
  ['httpx ConnectError refused', 'transient', /network/],
  ['httpx ConnectError unknown host', 'deterministic', /spelling of the host/],
  ['httpx ConnectError tls', 'deterministic', /http:\/\//],
  ['httpx RemoteProtocolError', 'transient', /closed the connection/],
  ['httpx HTTPStatusError 429', 'transient', /ask less often/],
  ['httpx HTTPStatusError 404', 'deterministic', /path and query/],
  ['httpx UnsupportedProtocol', 'deterministic', /needs http:\/\//],
  ['aiohttp.client_exceptions ClientConnectorError local', 'deterministic', /same program/],
  ['aiohttp.client_exceptions ClientConnectorError', 'transient', /network/],
  ['aiohttp.client_exceptions ClientConnectorDNSError', 'deterministic', /spelling of the host/],
  ['aiohttp.client_exceptions ServerDisconnectedError', 'transient', /closed the connection/],
  ['aiohttp.client_exceptions ClientResponseError 503', 'transient', /overloaded/],
  ['aiohttp.client_exceptions ClientResponseError 401', 'deterministic', /key or token/],
  ['openai RateLimitError', 'transient', /ask less often/],
  ['openai RateLimitError quota', 'deterministic', /owner of the account/],
  ['openai APIConnectionError', 'transient', /network/],
  ['openai APITimeoutError', 'transient', /wait longer/],
  ['openai InternalServerError 503', 'transient', /overloaded/],
  ['openai InternalServerError 500', 'deterministic', /body/],
  ['openai AuthenticationError', 'deterministic', /key or token/],
  ['botocore.exceptions ClientError throttled', 'transient', /adaptive/],
  ['botocore.exceptions ClientError denied', 'deterministic', /credentials/],
  ['botocore.exceptions EndpointConnectionError', 'transient', /network/],
  ['botocore.exceptions NoCredentialsError', 'deterministic', /credentials/],
  ['google.api_core.exceptions ServiceUnavailable', 'transient', /overloaded/],
  ['google.api_core.exceptions ResourceExhausted', 'transient', /ask less often/],
  ['google.api_core.exceptions InvalidArgument', 'deterministic', /body of the answer/],
  ['redis.exceptions ConnectionError', 'transient', /network/],
  ['psycopg2 OperationalError', 'transient', /host and port/],
  ['psycopg2 OperationalError password', 'deterministic', /database/],
  ['sqlalchemy.exc OperationalError locked', 'transient', /close or commit/],
  ['sqlalchemy.exc OperationalError table', 'deterministic', /sqlite_master/],
]

function expectUseful(found: Classification, words: RegExp): void {
  expect(`${found.reason} ${found.hint}`).toMatch(words)
  expect(found.hint).toMatch(/^Next: .{20,300}\.$/)
}

describe.each<[string, Case[]]>([
  ['mistakes', MISTAKES],
  ['files', FILES],
  ['network', NETWORK],
  ['system', SYSTEM],
])('%s', (file, cases) => {
  test.each(cases)('%s', async (name, type, kind, words) => {
    const outcome = await outcomeOf(fixture(`${file}.py`), file, { stdin: `${name}\n`, ...OPTIONS[name] })
    const found = classify(outcome)
    expect({ type: outcome.error?.type, kind: found.kind }).toEqual({
      type: type instanceof RegExp ? expect.stringMatching(type) : type,
      kind,
    })
    expectUseful(found, words)
  })
})

describe('libraries', () => {
  test.each(THIRD_PARTY)('%s', async (name, kind, words) => {
    const [module, kindOfError] = name.split(' ')
    const options = { stdin: `${name}\n`, files: STAND_INS }
    const outcome = await outcomeOf(fixture('third_party.py'), 'third-party', options)
    const found = classify(outcome)
    expect({ type: outcome.error?.type, kind: found.kind }).toEqual({ type: `${module}.${kindOfError}`, kind })
    expectUseful(found, words)
  })
})

test('a wait that the service asks for is taken from the message', async () => {
  const asked = async (file: string, name: string) => {
    const outcome = await outcomeOf(fixture(`${file}.py`), 'asked', { stdin: `${name}\n`, files: STAND_INS })
    return classify(outcome).retry_after_ms
  }
  expect(await asked('network', 'urllib 429/Retry-After: 2')).toBe(2000)
  expect(await asked('network', 'urllib 503/busy, retry after 2 minutes')).toBe(120_000)
  expect(await asked('third_party', 'openai RateLimitError')).toBe(20_000)
  expect(await asked('network', 'urllib 429')).toBeUndefined()
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
  const run = runWithRetry({
    start: () => start(fixture('resets_twice.py'), 'resets'),
    maxRetries: 3,
    random: () => 0.1,
    wait: () => Promise.resolve(),
  })
  const outcome = await run.outcome
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
  const run = runWithRetry({
    start: () => {
      runs++
      return start(fixture('../programs/division.py'), 'division')
    },
    maxRetries: 5,
    random: Math.random,
    wait: () => Promise.reject(new Error('it must not wait')),
  })
  expect((await run.outcome).attempts).toHaveLength(1)
  expect(runs).toBe(1)
})

test('every rule has words, and no two rules are the same', () => {
  for (const { reason, hint } of FAILURE_RULES) {
    expect(reason).toMatch(/^[a-z].{8,120}[^.]$/)
    expect(hint).toMatch(/^Next: .{10,300}\.$/)
  }
  expect(new Set(FAILURE_RULES.map((rule) => JSON.stringify(rule))).size).toBe(FAILURE_RULES.length)
})
