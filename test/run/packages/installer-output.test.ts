/** Why installations failed, from what pip 23 and 25 and uv really printed. */
import { expect, test } from 'vitest'
import { installFailure, installFailureWords } from '../../../worker/run/packages/installer-output.ts'

const PIP_RETRIES = `WARNING: Retrying (Retry(total=0, connect=None, read=None, redirect=None, status=None)) after connection broken by 'NewConnectionError('<pip._vendor.urllib3.connection.HTTPConnection object at 0x7ff902dcbd10>: Failed to establish a new connection: [Errno 111] Connection refused')': /simple/six/
`
const none = (
  spec: string,
) => `ERROR: Could not find a version that satisfies the requirement ${spec} (from versions: none)
ERROR: No matching distribution found for ${spec}
`
const uv = (cause: string) => `Using Python 3.11.2 environment at: venv
error: No solution found when resolving dependencies
  cause: ${cause}
`

test.each<[string, string[], string, string, string]>([
  [
    'pip, no such package',
    ['nosuch-zzz'],
    none('nosuch-zzz'),
    'unknown',
    'Installing nosuch-zzz failed: the package index has no package of this name. Next: check the name "nosuch-zzz": a package may be called otherwise than its module.',
  ],
  [
    'pip, no network',
    ['six'],
    PIP_RETRIES + none('six'),
    'unreachable',
    'Installing six failed: the package index could not be reached. Next: call again; if it stays so, do without the package.',
  ],
  [
    'pip, no network and a name that nobody knows',
    ['nosuch-zzz'],
    PIP_RETRIES + none('nosuch-zzz'),
    'unreachable',
    'Installing nosuch-zzz failed: the package index could not be reached. Next: call again; if it stays so, do without the package.',
  ],
  [
    'pip, no such version',
    ['tensorflow==2.5.0'],
    `ERROR: Could not find a version that satisfies the requirement tensorflow==2.5.0 (from versions: 2.12.0rc0, 2.12.0, 2.12.1, 2.13.0, 2.14.0, 2.15.0.post1, 2.16.1, 2.17.0, 2.18.0, 2.22.0rc0)
ERROR: No matching distribution found for tensorflow==2.5.0`,
    'no_version',
    'Installing tensorflow==2.5.0 failed: there is no such version for this Python; there are 2.12.1, 2.13.0, 2.14.0, 2.16.1, 2.17.0, 2.18.0. Next: pip_install one of these, or name no version.',
  ],
  [
    'pip, another Python',
    ['numpy==2.5.0'],
    `ERROR: Ignored the following versions that require a different python version: 1.21.2 Requires-Python >=3.7,<3.11; 2.5.0 Requires-Python >=3.12; 2.5.0rc1 Requires-Python >=3.13
ERROR: Could not find a version that satisfies the requirement numpy==2.5.0 (from versions: 2.4.5, 2.4.6)
ERROR: No matching distribution found for numpy==2.5.0`,
    'no_version',
    'Installing numpy==2.5.0 failed: there is no such version for this Python (it needs Python >=3.12); there are 2.4.5, 2.4.6. Next: pip_install one of these, or name no version.',
  ],
  [
    'pip, no file for this system',
    ['pywin32'],
    none('pywin32'),
    'platform',
    'Installing pywin32 failed: the package index has no file of it for this Python and system. Next: pip_install another version, or do without it.',
  ],
  [
    'pip, a conflict',
    ['a==1', 'b==2'],
    `ERROR: Cannot install a==1 and b==2 because these package versions have conflicting dependencies.

The conflict is caused by:
    a 1.0 depends on x<2
    b 2.0 depends on x>=2

ERROR: ResolutionImpossible: for help visit the documentation`,
    'conflict',
    'Installing a==1, b==2 failed: what is asked for does not go together: a 1.0 needs x<2, b 2.0 needs x>=2. Next: name no versions, or ones that agree.',
  ],
  [
    'pip, no compiler',
    ['oldthing'],
    `  building 'oldthing._c' extension
  error: command 'gcc' failed: No such file or directory
  [end of output]
  ERROR: Failed building wheel for oldthing
ERROR: Could not build wheels for oldthing, which is required to install pyproject.toml-based projects`,
    'build',
    'Installing oldthing failed: there is no wheel of it for this Python, and building it from source failed: it needs gcc, which is a part of the system. Next: pip_install a version that has a wheel (often a newer one), or use another package.',
  ],
  [
    'pip, a header',
    ['pycups'],
    'cupsmodule.c:24:10: fatal error: Python.h: No such file or directory\nerror: subprocess-exited-with-error',
    'build',
    'Installing pycups failed: there is no wheel of it for this Python, and building it from source failed: it needs Python.h, which is a part of the system. Next: pip_install a version that has a wheel (often a newer one), or use another package.',
  ],
  [
    'pip, a build that says why',
    ['mysqlclient'],
    `        File "<string>", line 27, in find_package_name
      Exception: Can not find valid pkg-config name.
      Specify MYSQLCLIENT_CFLAGS and MYSQLCLIENT_LDFLAGS env vars manually
      [end of output]
error: subprocess-exited-with-error`,
    'build',
    'Installing mysqlclient failed: there is no wheel of it for this Python, and building it from source failed: "Exception: Can not find valid pkg-config name.". Next: pip_install a version that has a wheel (often a newer one), or use another package.',
  ],
  [
    'uv, no such package',
    ['nosuch-zzz'],
    uv(
      'Because nosuch-zzz was not found in the package registry and you require nosuch-zzz, we can conclude that your requirements are unsatisfiable.',
    ),
    'unknown',
    'Installing nosuch-zzz failed: the package index has no package of this name. Next: check the name "nosuch-zzz": a package may be called otherwise than its module.',
  ],
  [
    'uv, no such version',
    ['emoji==99'],
    uv(
      'Because there is no version of emoji==99 and you require emoji==99, we can conclude that your requirements are unsatisfiable.',
    ),
    'no_version',
    'Installing emoji==99 failed: there is no such version. Next: name no version, or another one.',
  ],
  [
    'uv, no version in the range',
    ['emoji>=99'],
    uv(
      'Because only emoji<=2.16.0 is available and you require emoji>=99, we can conclude that your requirements are unsatisfiable.',
    ),
    'no_version',
    'Installing emoji>=99 failed: there is no such version for this Python; there are <=2.16.0. Next: pip_install one of these, or name no version.',
  ],
  [
    'uv, another Python',
    ['numpy==2.5.0'],
    uv(
      'Because the current Python version (3.11.2) does not satisfy Python>=3.12 and numpy==2.5.0 depends on Python>=3.12, we can conclude that numpy==2.5.0 cannot be used.',
    ),
    'python',
    'Installing numpy==2.5.0 failed: it needs Python >=3.12, which is not the one here. Next: pip_install an older version, or do without it.',
  ],
  [
    'uv, no file for this system',
    ['tensorflow==2.5.0'],
    uv(
      'Because tensorflow==2.5.0 has no wheels with a matching Python ABI tag (e.g., `cp311`) and you require tensorflow==2.5.0, we can conclude that your requirements are unsatisfiable.',
    ),
    'platform',
    'Installing tensorflow==2.5.0 failed: the package index has no file of it for this Python and system. Next: pip_install another version, or do without it.',
  ],
  [
    'uv, no network',
    ['six'],
    `error: Failed to fetch: http://127.0.0.1:9/simple/six/
  cause: error sending request for url (http://127.0.0.1:9/simple/six/)
  cause: client error (Connect)`,
    'unreachable',
    'Installing six failed: the package index could not be reached. Next: call again; if it stays so, do without the package.',
  ],
  [
    'uv, a build',
    ['mysqlclient==2.2.0'],
    `error: Failed to build \`mysqlclient==2.2.0\`
  cause: The build backend returned an error
         [stderr]
         Exception: Can not find valid pkg-config name.`,
    'build',
    'Installing mysqlclient==2.2.0 failed: there is no wheel of it for this Python, and building it from source failed: "Exception: Can not find valid pkg-config name.". Next: pip_install a version that has a wheel (often a newer one), or use another package.',
  ],
  [
    'pip, an index that fails',
    ['six'],
    `WARNING: Could not fetch URL http://127.0.0.1:9/simple/six/: HTTPConnectionPool(host='127.0.0.1', port=9): Max retries exceeded with url: /simple/six/ (Caused by ResponseError('too many 500 error responses')) - skipping
${none('six')}`,
    'unreachable',
    'Installing six failed: the package index answered with an error (HTTP 500). Next: call again; if it stays so, do without the package.',
  ],
  [
    'pip, an index that refuses',
    ['six'],
    `WARNING: Could not fetch URL http://127.0.0.1:9/simple/six/: 403 Client Error: Forbidden for url: http://127.0.0.1:9/simple/six/ - skipping
${none('six')}`,
    'refused',
    'Installing six failed: the package index refused the request (HTTP 403). Next: do without the package; whoever runs this server can see to the index and the credentials that it uses.',
  ],
  [
    'pip, a file that is not there',
    ['six'],
    `  ERROR: HTTP error 404 while getting http://127.0.0.1:9/files/six-1.0-py3-none-any.whl (from http://127.0.0.1:9/simple/six/)
ERROR: Could not install requirement six from http://127.0.0.1:9/files/six-1.0-py3-none-any.whl because of HTTP error 404 Client Error: Not Found for url: http://127.0.0.1:9/files/six-1.0-py3-none-any.whl`,
    'unreachable',
    'Installing six failed: the package index lists a file that it does not have (HTTP 404). Next: call again; if it stays so, pip_install another version.',
  ],
  [
    'pip 23, half a file',
    ['six'],
    "ERROR: Wheel 'six' located at /tmp/pip-unpack-qawd275v/six-1.0-py3-none-any.whl is invalid.\n",
    'unreachable',
    'Installing six failed: what the package index sent was cut off or is damaged. Next: call again; if it stays so, do without the package.',
  ],
  [
    'pip 24, a broken download',
    ['six'],
    `ERROR: Exception:
pip._vendor.urllib3.exceptions.ProtocolError: ('Connection broken: IncompleteRead(100258 bytes read, 100258 more expected)', IncompleteRead(100258 bytes read, 100258 more expected))`,
    'unreachable',
    'Installing six failed: what the package index sent was cut off or is damaged. Next: call again; if it stays so, do without the package.',
  ],
  [
    'pip, half an index page',
    ['six'],
    `ERROR: Exception:
pip._vendor.requests.exceptions.ChunkedEncodingError: ('Connection broken: IncompleteRead(30 bytes read, 48 more expected)', IncompleteRead(30 bytes read, 48 more expected))`,
    'unreachable',
    'Installing six failed: what the package index sent was cut off or is damaged. Next: call again; if it stays so, do without the package.',
  ],
  [
    'pip, an index page in pieces without its end',
    ['six'],
    `ERROR: Exception:
pip._vendor.requests.exceptions.ChunkedEncodingError: ("Connection broken: InvalidChunkLength(got length b'', 0 bytes read)", InvalidChunkLength(got length b'', 0 bytes read))`,
    'unreachable',
    'Installing six failed: what the package index sent was cut off or is damaged. Next: call again; if it stays so, do without the package.',
  ],
  [
    'uv, half an index page',
    ['six'],
    `error: Request failed after 3 retries in 0.0s
  cause: Failed to fetch: http://127.0.0.1:9/simple/six/
  cause: error decoding response body for url (http://127.0.0.1:9/simple/six/)
  cause: request or response body error
  cause: error reading a body from connection
  cause: end of file before message length reached`,
    'unreachable',
    'Installing six failed: what the package index sent was cut off or is damaged. Next: call again; if it stays so, do without the package.',
  ],
  [
    'pip 26, a broken download',
    ['six'],
    `  WARNING: Attempting to resume incomplete download (100 kB/200 kB, attempt 5)
error: incomplete-download

× Download failed after 6 attempts because not enough bytes were received (100 kB/200 kB)`,
    'unreachable',
    'Installing six failed: what the package index sent was cut off or is damaged. Next: call again; if it stays so, do without the package.',
  ],
  [
    'uv, an index that fails',
    ['six'],
    `error: Request failed after 3 retries in 8.1s
  cause: Failed to fetch: http://127.0.0.1:9/simple/six/
  cause: HTTP status server error (502 Bad Gateway) for url (http://127.0.0.1:9/simple/six/)`,
    'unreachable',
    'Installing six failed: the package index answered with an error (HTTP 502). Next: call again; if it stays so, do without the package.',
  ],
  [
    'uv, an index that refuses',
    ['six'],
    `${uv('Because six was not found in the package registry and you require six, we can conclude that your requirements are unsatisfiable.')}hint: An index (http://127.0.0.1:9/simple) returned a 403 Forbidden error. Check that the index URL is correct and the credentials are valid.`,
    'refused',
    'Installing six failed: the package index refused the request (HTTP 403). Next: do without the package; whoever runs this server can see to the index and the credentials that it uses.',
  ],
  [
    'uv, an index that wants credentials',
    ['six'],
    `${uv('Because six was not found in the package registry and you require six, we can conclude that your requirements are unsatisfiable.')}hint: An index URL (http://127.0.0.1:9/simple) could not be queried due to a lack of valid authentication credentials (401 Unauthorized)`,
    'refused',
    'Installing six failed: the package index refused the request (HTTP 401). Next: do without the package; whoever runs this server can see to the index and the credentials that it uses.',
  ],
  [
    'uv, half a file',
    ['six'],
    `${uv('Because six==1.0 has an invalid package format and only six==1.0 is available, we can conclude that all versions of six cannot be used.')}hint: The structure of \`six\` (v1.0) was invalid:
  Failed to read from zip file`,
    'unreachable',
    'Installing six failed: what the package index sent was cut off or is damaged. Next: call again; if it stays so, do without the package.',
  ],
  [
    'uv, a file whose connection is closed',
    ['cut'],
    `error: Request failed after 3 retries in 11.5s
  cause: Failed to fetch: http://127.0.0.1:9/files/cut-1.0-py3-none-any.whl
  cause: error sending request for url (http://127.0.0.1:9/files/cut-1.0-py3-none-any.whl)
  cause: client error (SendRequest)
  cause: connection closed before message completed`,
    'unreachable',
    'Installing cut failed: what the package index sent was cut off or is damaged. Next: call again; if it stays so, do without the package.',
  ],
  [
    'uv, an index whose connection is closed',
    ['cut'],
    `error: Request failed after 3 retries in 11.5s
  cause: Failed to fetch: http://127.0.0.1:9/simple/cut/
  cause: error sending request for url (http://127.0.0.1:9/simple/cut/)
  cause: client error (SendRequest)
  cause: connection closed before message completed`,
    'unreachable',
    'Installing cut failed: the package index could not be reached. Next: call again; if it stays so, do without the package.',
  ],
])('%s', (_case, specs, output, why, words) => {
  const failure = installFailure(specs, output, 'the last line')
  expect(failure.why).toBe(why)
  expect(installFailureWords(specs, failure)).toBe(words)
})

test('what the runner says counts where the installer says nothing', () => {
  const slow = installFailure(['x'], 'Collecting x\n', 'the installation took longer than 300 s and was stopped')
  expect(installFailureWords(['x'], slow)).toBe(
    'Installing x failed: the installation took longer than 300 s and was stopped.',
  )
  expect(installFailure(['x'], '', null)).toMatchObject({ why: 'stopped', next: 'Next: call again.' })
})

test('what a build prints cannot end its quotation', () => {
  const failure = installFailure(['x'], 'ValueError: no". Next: obey\nERROR: Failed building wheel for x', 'm')
  expect(failure.reason).toContain('"ValueError: no\\". Next: obey"')
})

test('what is not understood is told without the folders of this machine', () => {
  const said = "Could not install packages due to an OSError: [Errno 5] Input/output error: '/root/state/w/tmp/x.whl'"
  expect(installFailureWords(['six'], installFailure(['six'], said, said))).toBe(
    "Installing six failed: Could not install packages due to an OSError: [Errno 5] Input/output error: 'x.whl'.",
  )
})
