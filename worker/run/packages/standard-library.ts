/**
 * Modules of the standard library, of any version and platform: no package of that name is ever installed, because the index has a stale
 * backport or somebody's trap under it.
 */

const PRESENT = new Set(
  `__future__ abc annotationlib antigravity argparse array ast asyncio atexit base64 bdb binascii bisect builtins bz2 cProfile calendar
  cmath cmd code codecs codeop collections colorsys compileall compression concurrent configparser contextlib contextvars copy copyreg csv
  ctypes curses dataclasses datetime dbm decimal difflib dis doctest email encodings ensurepip enum errno faulthandler fcntl filecmp
  fileinput fnmatch fractions ftplib functools gc genericpath getopt getpass gettext glob graphlib grp gzip hashlib heapq hmac html http
  idlelib imaplib importlib inspect io ipaddress itertools json keyword linecache locale logging lzma mailbox marshal math mimetypes mmap
  modulefinder msvcrt multiprocessing netrc nt ntpath nturl2path numbers opcode operator optparse os pathlib pdb pickle pickletools pkgutil
  platform plistlib poplib posix posixpath pprint profile pstats pty pwd py_compile pyclbr pydoc pydoc_data pyexpat queue quopri random re
  readline reprlib resource rlcompleter runpy sched secrets select selectors shelve shlex shutil signal site smtplib socket socketserver
  sqlite3 sre_compile sre_constants sre_parse ssl stat statistics string stringprep struct subprocess symtable sys sysconfig syslog tabnanny
  tarfile tempfile termios textwrap this threading time timeit tkinter token tokenize tomllib trace traceback tracemalloc tty turtle
  turtledemo types typing unicodedata unittest urllib uuid venv warnings wave weakref webbrowser winreg winsound wsgiref xml xmlrpc zipapp
  zipfile zipimport zlib zoneinfo`.split(/\s+/),
)

/** Substitutes for modules that this Python does not have and others have. */
const INSTEAD_OF_PRESENT = new Map(
  Object.entries({
    compression: 'the package "backports.zstd", or zlib, gzip, bz2 and lzma by their own names',
    msvcrt: 'a way that is not Windows-only',
    nt: 'os',
    tkinter: 'a figure saved to a file; there is no screen here',
    curses: 'plain print; there is no terminal here',
    tomllib: 'the package "tomli"',
    turtle: 'a figure saved to a file; there is no screen here',
    winreg: 'a way that is not Windows-only',
    winsound: 'a way that is not Windows-only',
    zoneinfo: 'the package "backports.zoneinfo"',
  }),
)

/** Modules that the library had once, and their replacement. */
const REPLACED = new Map(
  Object.entries({
    aifc: 'the package "standard-aifc" or "soundfile"',
    asynchat: 'asyncio, or the package "pyasynchat"',
    asyncore: 'asyncio, or the package "pyasyncore"',
    audioop: 'the package "audioop-lts"',
    binhex: 'binascii',
    cgi: 'urllib.parse and email, or the package "legacy-cgi"',
    cgitb: 'traceback, or the package "legacy-cgi"',
    chunk: 'the package "standard-chunk"',
    crypt: 'hashlib, or the package "passlib"',
    distutils: 'shutil, sysconfig or the package "setuptools"',
    dummy_threading: 'threading',
    formatter: 'textwrap',
    imghdr: 'the package "filetype" or "pillow"',
    imp: 'importlib',
    lib2to3: 'ast',
    macpath: 'os.path',
    mailcap: 'mimetypes',
    msilib: 'nothing; it was Windows-only',
    nis: 'pwd and grp',
    nntplib: 'the package "standard-nntplib"',
    ossaudiodev: 'the package "sounddevice"',
    parser: 'ast',
    pipes: 'subprocess and shlex',
    smtpd: 'the package "aiosmtpd"',
    sndhdr: 'the package "filetype"',
    spwd: 'pwd',
    sunau: 'the package "standard-sunau" or "soundfile"',
    symbol: 'ast',
    telnetlib: 'socket, or the package "standard-telnetlib"',
    uu: 'base64 or binascii',
    xdrlib: 'struct, or the package "standard-xdrlib"',
    // Python 2
    __builtin__: 'builtins',
    BaseHTTPServer: 'http.server',
    ConfigParser: 'configparser',
    Cookie: 'http.cookies',
    HTMLParser: 'html.parser',
    Queue: 'queue',
    SimpleHTTPServer: 'http.server',
    SocketServer: 'socketserver',
    StringIO: 'io.StringIO',
    Tkinter: 'tkinter',
    UserDict: 'collections.UserDict',
    cPickle: 'pickle',
    cStringIO: 'io.BytesIO',
    commands: 'subprocess',
    cookielib: 'http.cookiejar',
    copy_reg: 'copyreg',
    exceptions: 'builtins',
    htmlentitydefs: 'html.entities',
    httplib: 'http.client',
    md5: 'hashlib.md5',
    popen2: 'subprocess',
    robotparser: 'urllib.robotparser',
    sets: 'the built-in set',
    sha: 'hashlib.sha1',
    thread: '_thread or threading',
    urllib2: 'urllib.request',
    urlparse: 'urllib.parse',
    xmlrpclib: 'xmlrpc.client',
  }),
)

/** Compared without case and separators, as an index does: `ConfigParser` is no way around `configparser`. */
const key = (name: string) => name.toLowerCase().replaceAll(/[-_.]+/g, '_')
const presentByKey = new Map([...PRESENT].map((name) => [key(name), name]))
const replacedByKey = new Map([...REPLACED].map(([name, instead]) => [key(name), instead]))

/** Facts about a module of the standard library; null for any other name. `instead`: its replacement. */
export function standardModule(name: string): { removed: boolean; instead: string | null } | null {
  const exact = REPLACED.get(name)
  if (exact !== undefined) return { removed: true, instead: exact }
  const present = presentByKey.get(key(name))
  if (present !== undefined) {
    return { removed: false, instead: INSTEAD_OF_PRESENT.get(present) ?? (present === name ? null : present) }
  }
  const replaced = replacedByKey.get(key(name))
  return replaced === undefined ? null : { removed: true, instead: replaced }
}

/** Names of today's library, as targets of slips. */
export const STANDARD_MODULES: ReadonlySet<string> = PRESENT
