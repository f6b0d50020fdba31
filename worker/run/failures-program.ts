/** What programs get wrong themselves, with the usual way out. */
import type { FailureRule } from './failure-rule.ts'

export const IMPORT_FAILURES: readonly FailureRule[] = [
  {
    types: ['ModuleNotFoundError'],
    // Several words each, as no name of a package has a space.
    install: [
      ...['timed out', 'connection broken', 'connection refused', 'connection reset', 'connection aborted'],
      ...['temporary failure', 'temporarily unavailable', 'max retries exceeded', 'too many 50', 'too many 429'],
      ...[
        'http error 50',
        'http error 429',
        'failed to fetch',
        'error sending request',
        'broke off',
        'was not started',
      ],
    ],
    kind: 'transient',
    reason: 'the installer could not reach the package index for the moment',
    hint: 'Next: if it stays so, install it with pip_install first, or do without the package.',
  },
  {
    types: ['ModuleNotFoundError', 'ImportError'],
    kind: 'deterministic',
    reason: 'a module, or a name in it, is not there',
    hint: `Next: check the spelling; a package with another name than its module is \
installed with pip_install; a file of yours with the same name hides a module.`,
  },
]

/** What the program itself got wrong, with the usual way out. */
export const PROGRAM_FAILURES: readonly FailureRule[] = (
  [
    [
      'SyntaxError IndentationError TabError',
      'it is not valid Python',
      'correct the marked line; an unclosed bracket or quote may begin above it.',
    ],
    [
      'NameError UnboundLocalError',
      'a name is used before anything was assigned to it',
      'check the spelling, or add the import; variables of earlier calls are gone.',
    ],
    [
      'KeyError',
      'a key is not in the dictionary or a column not in the table',
      'print the keys that are there (list(d), df.columns) and use .get(key) for optional ones.',
    ],
    ['IndexError', 'an index is outside the sequence', 'print len(…) first; the sequence may be empty.'],
    [
      'AttributeError',
      'the object has no such attribute',
      'print type(…); it may be None, or another version of the library.',
    ],
    [
      'TypeError',
      'a value of the wrong type, or wrong arguments',
      'print the types of the values in the marked line; help(function) shows its arguments.',
    ],
    ['ValueError', 'a value is not what the function takes', 'print the value with repr(…) in the line before.'],
    [
      'UnicodeDecodeError UnicodeError',
      'the bytes are not text in the encoding that it expects',
      'open the file with the right encoding=…, with errors="replace", or as bytes ("rb").',
    ],
    ['UnicodeEncodeError', 'the text cannot be written in that encoding', 'use encoding="utf-8".'],
    [
      'ZeroDivisionError decimal.DivisionByZero decimal.InvalidOperation FloatingPointError OverflowError',
      'the calculation has no result',
      'check the value first; it may come from empty data.',
    ],
    ['AssertionError', 'a condition that it states does not hold', 'print the values in the marked line.'],
    [
      'RecursionError',
      'a function calls itself without end, or too deeply',
      'check the condition that ends it, or use a loop.',
    ],
    [
      'EOFError',
      'it read more input than it was given',
      'do not use input(): put the values into the program or into a file.',
    ],
    [
      'NotImplementedError StopIteration StopAsyncIteration LookupError BufferError',
      'it asks for something that is not there',
      'read the marked line.',
    ],
    [
      'json.decoder.JSONDecodeError requests.exceptions.JSONDecodeError simplejson.errors.JSONDecodeError',
      'the text is not JSON',
      'print the first 200 characters of it; it is often an HTML error page or empty.',
    ],
    [
      `_csv.Error struct.error binascii.Error zlib.error zipfile.BadZipFile \
tarfile.ReadError gzip.BadGzipFile _lzma.LZMAError _pickle.UnpicklingError pandas.errors.ParserError pandas.errors.EmptyDataError`,
      'the data is not in the format that it expects',
      'look at the first bytes; the file may be cut, or an error page that was saved.',
    ],
    [
      `xml.etree.ElementTree.ParseError xml.parsers.expat.ExpatError configparser.ParsingError \
configparser.MissingSectionHeaderError tomllib.TOMLDecodeError yaml.scanner.ScannerError yaml.parser.ParserError`,
      'the text is not in the format that it expects',
      'print the line and column that the error names.',
    ],
    [
      're.error re.PatternError sre_constants.error',
      'the regular expression is not valid',
      'escape literal text with re.escape, and write patterns as r"…".',
    ],
    ['SystemExit', 'it ended itself', 'its last lines of output say why.'],
    ['KeyboardInterrupt', 'it interrupted itself', 'do not send SIGINT to its own process.'],
    [
      'requests.exceptions.TooManyRedirects httpx.TooManyRedirects aiohttp.client_exceptions.TooManyRedirects',
      'the address leads in a circle',
      'open it without following redirects and look at Location; a cookie or sign-in may be missing.',
    ],
    [
      `smtplib.SMTPAuthenticationError ftplib.error_perm \
imaplib.IMAP4.error poplib.error_proto paramiko.ssh_exception.AuthenticationException`,
      'the server refused the sign-in or the command',
      'check user, password and rights.',
    ],
  ] as const
).map(([types, reason, next]) => ({ types: types.split(' '), kind: 'deterministic', reason, hint: `Next: ${next}` }))

/** A program asks for another try itself: `sys.exit(75)`, the EX_TEMPFAIL of sysexits.h. */
export const REQUESTS_FOR_RETRY: readonly FailureRule[] = [
  {
    types: ['SystemExit', ''],
    exit_code: 75,
    kind: 'transient',
    reason: 'it asks to be run again (exit code 75)',
    hint: 'Next: its last lines of output say what it waits for.',
  },
]
