/** Failures of connections: names, sockets, TLS. */
import { type FailureRule, of } from './rule.ts'

const TIMEOUTS = [
  'TimeoutError',
  'socket.timeout',
  'asyncio.exceptions.TimeoutError',
  'concurrent.futures._base.TimeoutError',
  ...of('requests.exceptions', 'Timeout ConnectTimeout ReadTimeout'),
  ...of('urllib3.exceptions', 'TimeoutError ConnectTimeoutError ReadTimeoutError'),
  ...of('httpx', 'ConnectTimeout ReadTimeout WriteTimeout PoolTimeout'),
  ...of('httpcore', 'ConnectTimeout ReadTimeout WriteTimeout PoolTimeout'),
  ...of('aiohttp.client_exceptions', 'ServerTimeoutError ConnectionTimeoutError SocketTimeoutError'),
  ...of('botocore.exceptions', 'ConnectTimeoutError ReadTimeoutError'),
  ...['openai.APITimeoutError', 'anthropic.APITimeoutError', 'groq.APITimeoutError'],
  ...of('google.api_core.exceptions', 'GatewayTimeout DeadlineExceeded'),
  ...['redis.exceptions.TimeoutError', 'pymongo.errors.NetworkTimeout', 'elastic_transport.ConnectionTimeout'],
  'telegram.error.TimedOut',
]

/** Connections that were there, and broke in the middle. */
const BROKEN = [
  ...['ConnectionResetError', 'ConnectionAbortedError'],
  ...of('http.client', 'RemoteDisconnected IncompleteRead'),
  ...[
    'asyncio.exceptions.IncompleteReadError',
    'urllib.error.ContentTooShortError',
    'ssl.SSLEOFError',
    'ssl.SSLZeroReturnError',
  ],
  ...['smtplib.SMTPServerDisconnected', 'imaplib.IMAP4.abort'],
  'requests.exceptions.ChunkedEncodingError',
  ...of('urllib3.exceptions', 'ProtocolError IncompleteRead'),
  ...of('httpx', 'ReadError WriteError CloseError RemoteProtocolError'),
  ...of('httpcore', 'ReadError WriteError RemoteProtocolError'),
  ...of('aiohttp.client_exceptions', 'ServerDisconnectedError ClientConnectionResetError ClientPayloadError'),
  ...['websockets.exceptions.ConnectionClosedError', 'botocore.exceptions.ConnectionClosedError'],
  ...['pymongo.errors.AutoReconnect', 'paramiko.ssh_exception.SSHException'],
]

/** Connections that could not be made or kept: the message has the reason, if anything has it. */
const CONNECTIONS = [
  ...['ConnectionError', 'ConnectionRefusedError', 'smtplib.SMTPConnectError'],
  ...of('requests.exceptions', 'ConnectionError SSLError ProxyError'),
  ...of('urllib3.exceptions', 'MaxRetryError NewConnectionError NameResolutionError SSLError ProxyError'),
  ...['httpx.ConnectError', 'httpx.ProxyError', 'httpcore.ConnectError', 'httpcore.ProxyError'],
  ...of('aiohttp.client_exceptions', 'ClientConnectorError ClientConnectorDNSError ClientConnectorSSLError'),
  ...of('aiohttp.client_exceptions', 'ClientConnectorCertificateError ClientOSError ClientProxyConnectionError'),
  ...of('botocore.exceptions', 'EndpointConnectionError ProxyConnectionError SSLError'),
  ...['openai.APIConnectionError', 'anthropic.APIConnectionError', 'groq.APIConnectionError'],
  ...['redis.exceptions.ConnectionError', 'redis.exceptions.BusyLoadingError'],
  ...['pymongo.errors.ServerSelectionTimeoutError', 'elastic_transport.ConnectionError'],
  ...['google.auth.exceptions.TransportError', 'telegram.error.NetworkError'],
  'paramiko.ssh_exception.NoValidConnectionsError',
]

/** Classes that are also raised for other reasons: only a message that names a network failure makes it one. */
const PERHAPS_CONNECTIONS = [
  ...[
    'urllib.error.URLError',
    'socket.gaierror',
    'ssl.SSLError',
    'ssl.SSLCertVerificationError',
    'ssl.SSLSyscallError',
  ],
  ...['grpc._channel._InactiveRpcError', 'grpc.aio._call.AioRpcError'],
]

const NOBODY_LISTENS = 'nothing listens on that port of this machine'
const NOBODY_LISTENS_HINT =
  'Next: start the server in this program and wait until its port is open; what earlier programs started has ended.'

export const NETWORK_HINT = 'Next: call again; if it stays so, check the address.'

/** A failure to connect where the policy lets nothing through. */
const POLICY: readonly FailureRule[] = (['off', 'packages'] as const).map((policy) => ({
  types: [...CONNECTIONS, ...PERHAPS_CONNECTIONS, ...TIMEOUTS, 'OSError'],
  says: [
    ...['name resolution', 'name or service', 'nodename nor servname', 'no address associated', '[errno -'],
    ...['network is unreachable', 'no route to host', 'timed out', 'timeout', 'refused', 'failed to resolve'],
  ],
  is: { network: [policy], asked_host: ['public'] },
  kind: 'deterministic',
  reason: `the user's network policy is "${policy}", which lets programs reach ${policy === 'off' ? 'nothing' : 'package indexes and allowed_hosts alone'}`,
  hint: 'Next: do without the network, or ask the user to allow the host (the setting allowed_hosts) or to set network to "open" with configure.',
}))

export const NETWORK_FAILURES: readonly FailureRule[] = [
  ...POLICY,
  {
    types: TIMEOUTS,
    kind: 'transient',
    reason: 'something it waited for did not answer in time',
    hint: 'Next: call again; if it stays so, wait longer in the call that timed out, or ask for less at once.',
  },
  {
    types: BROKEN,
    kind: 'transient',
    reason: 'the other side closed the connection in the middle',
    hint: 'Next: call again; if it stays so, ask for less at once.',
  },
  {
    types: [...CONNECTIONS, ...PERHAPS_CONNECTIONS],
    says: ['certificate_verify_failed', 'certificate verify failed', "doesn't match", 'hostname mismatch'],
    kind: 'deterministic',
    reason: 'the certificate of the server is not trusted or is for another name',
    hint: 'Next: check the host name in the address; for a server with its own authority pass the certificate file to the client (cafile, verify).',
  },
  {
    types: [...CONNECTIONS, ...PERHAPS_CONNECTIONS],
    says: ['wrong_version_number', 'wrong version number', 'http_request', 'unknown_protocol', 'record layer failure'],
    kind: 'deterministic',
    reason: 'the server does not speak TLS on this port',
    hint: 'Next: use http:// instead of https://, or the port that speaks TLS.',
  },
  {
    types: [...CONNECTIONS, ...PERHAPS_CONNECTIONS],
    says: ['temporary failure in name resolution', '[errno -3]', 'contacting dns servers', 'contact dns servers'],
    kind: 'transient',
    reason: 'the name server gave no answer for now',
    hint: 'Next: call again; if it stays so, programs here have no network: do without it, and tell the user.',
  },
  {
    types: [...CONNECTIONS, ...PERHAPS_CONNECTIONS],
    says: ['name or service not known', 'nodename nor servname', 'no address associated', 'domain name not found'],
    kind: 'deterministic',
    reason: 'the host name does not exist',
    hint: 'Next: check the spelling of the host name in the address.',
  },
  {
    types: ['urllib.error.URLError'],
    says: ['unknown url type', 'no host given', 'no such file', 'not a directory', 'is a directory'],
    kind: 'deterministic',
    reason: 'the address cannot be opened',
  },
  {
    types: CONNECTIONS,
    says: ["host='localhost'", "host='127.0.0.1'", "host='::1'"],
    errno: [111, 61],
    kind: 'deterministic',
    reason: NOBODY_LISTENS,
    hint: NOBODY_LISTENS_HINT,
  },
  {
    types: CONNECTIONS,
    says: ["connect call failed ('127.0.0.1'", "connect call failed ('::1'"],
    kind: 'deterministic',
    reason: NOBODY_LISTENS,
    hint: NOBODY_LISTENS_HINT,
  },
  {
    types: ['ConnectionRefusedError'],
    kind: 'transient',
    reason: 'the connection was refused, as by a service that is just starting',
    hint: 'Next: check host and port; a server on this machine has to be started by this program.',
  },
  {
    types: CONNECTIONS,
    kind: 'transient',
    reason: 'the connection could not be made or kept',
    hint: NETWORK_HINT,
  },
  {
    types: PERHAPS_CONNECTIONS,
    says: [
      ...['timed out', 'timeout', 'connection refused', 'connection reset', 'connection aborted', 'remote end closed'],
      ...['unexpected_eof', 'eof occurred', 'network is unreachable', 'no route to host', 'host is down'],
      ...['statuscode.unavailable', 'statuscode.deadline_exceeded', 'statuscode.resource_exhausted', 'network is down'],
    ],
    kind: 'transient',
    reason: 'the network or the service behind it failed',
    hint: NETWORK_HINT,
  },
  {
    types: ['OSError'],
    errno: [50, 51, 60, 64, 65, 100, 101, 110, 112, 113],
    kind: 'transient',
    reason: 'the network could not be reached',
    hint: NETWORK_HINT,
  },
  {
    types: ['ftplib.error_temp'],
    kind: 'transient',
    reason: 'the FTP server answered that it cannot do this for now',
    hint: NETWORK_HINT,
  },
  {
    types: ['socket.gaierror'],
    kind: 'deterministic',
    reason: 'the host name could not be looked up',
  },
  {
    types: PERHAPS_CONNECTIONS,
    kind: 'deterministic',
    reason: 'the address cannot be opened, or not in this way',
  },
  {
    types: ['BrokenPipeError'],
    kind: 'deterministic',
    reason: 'what it wrote to had been closed, as by a command that ended early',
    hint: 'Next: look at what the other side printed before it closed (for a command: stderr and exit code).',
  },
  {
    types: [
      ...of('requests.exceptions', 'InvalidURL MissingSchema InvalidSchema'),
      ...['urllib3.exceptions.LocationParseError', 'urllib3.exceptions.LocationValueError', 'http.client.InvalidURL'],
      ...['httpx.UnsupportedProtocol', 'httpx.InvalidURL', 'httpx.LocalProtocolError'],
      'aiohttp.client_exceptions.InvalidURL',
    ],
    kind: 'deterministic',
    reason: 'the address is not valid',
  },
  {
    types: ['http.client.BadStatusLine', 'http.client.UnknownProtocol', 'websockets.exceptions.InvalidMessage'],
    kind: 'deterministic',
    reason: 'what answers on that port does not speak the expected protocol',
    hint: 'Next: check the port: something else than a server that speaks HTTP answers there.',
  },
]
