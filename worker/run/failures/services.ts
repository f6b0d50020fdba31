/** Answers of services and databases. */
import { type FailureRule, of } from './rule.ts'

/** Status errors of HTTP clients; the status is in the message. */
const HTTP = [
  ...['urllib.error.HTTPError', 'requests.exceptions.HTTPError', 'requests.exceptions.RetryError'],
  ...['urllib3.exceptions.ResponseError', 'httpx.HTTPStatusError', 'websockets.exceptions.InvalidStatus'],
  ...of('aiohttp.client_exceptions', 'ClientResponseError WSServerHandshakeError ClientHttpProxyError'),
  ...['openai', 'anthropic', 'groq'].flatMap((sdk) => of(sdk, 'APIStatusError RateLimitError InternalServerError')),
  ...['openai', 'anthropic', 'groq'].flatMap((sdk) => of(sdk, 'AuthenticationError PermissionDeniedError')),
  ...['openai', 'anthropic', 'groq'].flatMap((sdk) => of(sdk, 'BadRequestError NotFoundError')),
  ...of('anthropic', 'ServiceUnavailableError OverloadedError DeadlineExceededError'),
  ...of('google.api_core.exceptions', 'TooManyRequests ResourceExhausted ServiceUnavailable BadGateway'),
  ...of('google.api_core.exceptions', 'InternalServerError NotFound Forbidden Unauthorized BadRequest InvalidArgument'),
  ...['google.genai.errors.ClientError', 'google.genai.errors.ServerError', 'googleapiclient.errors.HttpError'],
  ...['huggingface_hub.errors.HfHubHTTPError', 'huggingface_hub.utils._errors.HfHubHTTPError'],
  ...of('tweepy.errors', 'TooManyRequests TwitterServerError Unauthorized Forbidden NotFound BadRequest'),
  ...of('github.GithubException', 'GithubException RateLimitExceededException UnknownObjectException'),
  ...of('discord.errors', 'HTTPException DiscordServerError Forbidden NotFound'),
]

/** Classes that mean a rate limit and nothing else. */
const RATE_LIMITS = [
  ...['openai.RateLimitError', 'anthropic.RateLimitError', 'groq.RateLimitError'],
  ...of('google.api_core.exceptions', 'TooManyRequests ResourceExhausted'),
  ...['tweepy.errors.TooManyRequests', 'github.GithubException.RateLimitExceededException'],
  ...['discord.errors.RateLimited', 'telegram.error.RetryAfter', 'yfinance.exceptions.YFRateLimitError'],
  ...of('botocore.errorfactory', 'ThrottlingException TooManyRequestsException RequestLimitExceeded'),
  'botocore.errorfactory.ProvisionedThroughputExceededException',
]

const UNAVAILABLE = ['google.api_core.exceptions.ServiceUnavailable', 'google.api_core.exceptions.BadGateway']

/** Names in the parentheses of a botocore ClientError. */
const AWS_BUSY = [
  ...['(throttling', '(throttled', '(toomanyrequests', '(requestlimitexceeded)', '(requestthrottled'],
  ...[
    '(provisionedthroughputexceeded',
    '(bandwidthlimitexceeded)',
    '(slowdown)',
    '(requesttimeout',
    '(serviceunavailable',
  ],
  ...['(priorrequestnotcomplete)', '(429)', '(502)', '(503)', '(504)'],
]

/** Classes that a program raises after it has looked at the answer's status. */
const RAISED_BY_PROGRAMS = ['Exception', 'RuntimeError', 'ValueError', 'OSError', 'ConnectionError']

const DATABASES = [
  ...['psycopg2.OperationalError', 'psycopg.OperationalError', 'psycopg.errors.ConnectionTimeout'],
  ...[
    'pymysql.err.OperationalError',
    'mysql.connector.errors.OperationalError',
    'mysql.connector.errors.InterfaceError',
  ],
  ...['mysql.connector.errors.DatabaseError', 'sqlalchemy.exc.OperationalError', 'sqlalchemy.exc.DBAPIError'],
]

const SQLITE = ['sqlite3.OperationalError', 'sqlalchemy.exc.OperationalError']

export const SERVICE_FAILURES: readonly FailureRule[] = [
  {
    types: [...HTTP, ...RATE_LIMITS],
    says: ['insufficient_quota', 'exceeded your current quota', 'billing', 'credit balance'],
    kind: 'deterministic',
    reason: 'the account at the service has no quota left',
    hint: 'Next: this needs the owner of the account (plan and billing); do without this service meanwhile.',
  },
  {
    types: [...HTTP, ...RATE_LIMITS],
    status: [429, 503],
    knows: ['retry_after_s'],
    kind: 'transient',
    reason: 'the service is asked too often or overloaded, and wants to be left alone for {retry_after_s} s',
    hint: 'Next: call again after that; pause between requests.',
  },
  {
    types: [...HTTP, ...RATE_LIMITS],
    status: [429],
    kind: 'transient',
    reason: 'the service limits how often it may be asked (HTTP 429)',
    hint: 'Next: call again later; pause between requests, and fetch more with each.',
  },
  {
    types: RAISED_BY_PROGRAMS,
    says: ['http 429', 'http error 429', 'status 429', 'status code 429', '429 too many requests', '429: too many'],
    kind: 'transient',
    reason: 'the service limits how often it may be asked, as the program says itself (HTTP 429)',
    hint: 'Next: call again later; pause between requests, and fetch more with each.',
  },
  {
    types: RAISED_BY_PROGRAMS,
    says: ['http 503', 'http error 503', 'status 503', 'status code 503', '503 service unavailable', '503: service'],
    kind: 'transient',
    reason: 'the service is overloaded for now, as the program says itself (HTTP 503)',
    hint: 'Next: call again later.',
  },
  {
    types: HTTP,
    status: [403],
    says: ['rate limit'],
    kind: 'transient',
    reason: 'the service limits how often it may be asked (HTTP 403, rate limit)',
    hint: 'Next: call again; if it stays so, wait for the limit to be renewed or sign in for a higher one; ask less often.',
  },
  {
    types: HTTP,
    status: [408, 425, 502, 503, 504, 520, 521, 522, 523, 524, 529],
    kind: 'transient',
    reason: 'the service is overloaded or restarting',
    hint: 'Next: call again later, or use another source.',
  },
  {
    types: HTTP,
    status: [401, 403, 407],
    kind: 'deterministic',
    reason: 'the service did not accept the credentials, or they do not allow this',
    hint: 'Next: check the key or token and its rights; some sites refuse the default User-Agent of a library.',
  },
  {
    types: HTTP,
    status: [404, 410],
    kind: 'deterministic',
    reason: 'there is nothing at this address',
  },
  {
    types: HTTP,
    status: [400, 405, 406, 411, 413, 414, 415, 422],
    kind: 'deterministic',
    reason: 'the service does not accept the request as it is',
    hint: 'Next: print the body of the answer, which usually says which field is wrong, and correct the request.',
  },
  {
    types: [...RATE_LIMITS, ...UNAVAILABLE],
    kind: 'transient',
    reason: 'the service limits how often it may be asked, or is overloaded',
    hint: 'Next: call again; if it stays so, ask less often: pause between requests, and fetch more with each.',
  },
  {
    types: HTTP,
    kind: 'deterministic',
    reason: 'the service answered with an error that trying again does not mend for certain',
    hint: 'Next: print the body of the answer; run it again yourself when the request may be repeated.',
  },
  {
    types: ['botocore.exceptions.ClientError'],
    says: AWS_BUSY,
    kind: 'transient',
    reason: 'the service limits how often it may be asked, or is overloaded',
    hint: 'Next: call again; if it stays so, ask less often, or set Config(retries={"mode": "adaptive"}).',
  },
  {
    types: of('botocore.exceptions', 'ClientError NoCredentialsError PartialCredentialsError NoRegionError'),
    kind: 'deterministic',
    reason: 'the service or its client does not accept the request as it is',
    hint: 'Next: check credentials, region and parameters; the name in parentheses says what is wrong.',
  },
]

export const DATABASE_FAILURES: readonly FailureRule[] = [
  {
    types: SQLITE,
    says: ['database is locked', 'database schema is locked'],
    kind: 'transient',
    reason: 'another process is writing to the database',
    hint: 'Next: call again; if it stays so, close or commit every other connection of the program first, and connect with timeout=30.',
  },
  {
    types: SQLITE,
    says: ['disk is full'],
    kind: 'limit',
    reason: 'the disk, or the allowed size of a file, is full',
    hint: 'Next: delete files that are not needed, or store less.',
  },
  {
    types: DATABASES,
    says: [
      ...[
        'connection refused',
        'could not connect',
        'server closed the connection',
        'terminating connection',
        'timed out',
      ],
      ...[
        'starting up',
        'too many clients',
        'too many connections',
        'temporary failure',
        'lost connection',
        'gone away',
      ],
      ...['timeout expired', 'deadlock', 'lock wait timeout', 'connection reset', 'connection timeout'],
    ],
    kind: 'transient',
    reason: 'the database was not reachable, or busy with others',
    hint: 'Next: call again; if it stays so, check host and port of the database, and keep transactions short.',
  },
  {
    types: [
      ...of('psycopg2.errors', 'DeadlockDetected SerializationFailure LockNotAvailable TooManyConnections'),
      ...of('psycopg.errors', 'DeadlockDetected SerializationFailure LockNotAvailable TooManyConnections'),
    ],
    kind: 'transient',
    reason: 'the transaction collided with another one',
    hint: 'Next: call again; if it stays so, keep transactions short and take locks in one order.',
  },
  {
    types: SQLITE,
    says: ['no such table', 'no such column', 'has no column named'],
    kind: 'deterministic',
    reason: 'the database has no such table or column',
    hint: 'Next: list what it has: SELECT sql FROM sqlite_master; a wrong path makes a new, empty database.',
  },
  {
    types: [...SQLITE, ...of('sqlite3', 'ProgrammingError IntegrityError InterfaceError DatabaseError'), ...DATABASES],
    kind: 'deterministic',
    reason: 'the database does not accept the statement, the data or the file',
  },
  {
    types: ['filelock._error.Timeout'],
    kind: 'transient',
    reason: 'another process holds the lock',
    hint: 'Next: call again; if it stays so, find out who holds the lock; a lock file of a program that was killed may be deleted.',
  },
]
