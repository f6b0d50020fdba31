/** Usual mistakes of programs: the way out, where it is certain and the traceback does not give it. */
import type { FailureRule } from './rule.ts'

/** Ends of programs that ask for another run. */
export const REQUESTS_FOR_RETRY: readonly FailureRule[] = [
  {
    types: ['SystemExit', ''],
    exit_code: 75,
    kind: 'transient',
    reason: 'it asks to be run again (exit code 75)',
  },
]

/** Workers of multiprocessing that begin with a new interpreter. */
const GUARD =
  'Next: put what starts the workers below if __name__ == "__main__":, with the functions of the workers above it.'

export const WORKER_FAILURES: readonly FailureRule[] = [
  {
    types: ['SpawnLoop'],
    kind: 'deterministic',
    reason: 'its workers start workers themselves',
    hint: GUARD,
    plain: true,
  },
  {
    types: ['Timeout', 'concurrent.futures.process.BrokenProcessPool', 'EOFError', 'RuntimeError'],
    // The error as its traceback prints it; in its own process there is only the message.
    stderr: ['RuntimeError: \n        An attempt has been made to start a new process before the\n'],
    kind: 'deterministic',
    reason: 'each worker process runs this program from its first line, and so starts workers of its own',
    hint: GUARD,
  },
]

/** Requests for a package, in words of libraries as well: tried before the rules about classes, which do not know of it. */
export const WANTED_PACKAGES: readonly FailureRule[] = [
  {
    knows: ['wanted_package'],
    kind: 'deterministic',
    reason:
      'the message asks for the package "{wanted_package}", which is not a well-known one, so it was not installed',
    hint: 'Next: if it is the right one, install it with pip_install, and call again.',
  },
]

export const IMPORT_FAILURES: readonly FailureRule[] = [
  {
    types: ['OSError'],
    says: ["[e050] can't find model"],
    kind: 'deterministic',
    reason: 'language models are no part of spaCy',
    hint: 'Next: call spacy.cli.download with its name once, which needs the network, or use spacy.blank.',
  },
  {
    types: ['ModuleNotFoundError', 'ImportError'],
    install: ['unreachable'],
    kind: 'transient',
    reason: 'the installer could not reach the package index for the moment',
  },
  {
    types: ['ImportError', 'AttributeError'],
    knows: ['shadowed'],
    kind: 'deterministic',
    reason: 'the file {shadowed} in the working folder is imported in the place of the module of that name',
    hint: 'Next: rename or delete that file, and call again.',
  },
  {
    types: ['ImportError', 'AttributeError'],
    says: ['partially initialized module'],
    kind: 'deterministic',
    reason:
      'a module is imported while it is still being loaded: a file of the working folder has its name, or two files import each other',
    hint: 'Next: rename a file that is called like a module that it imports; for two files, move one import into the function that needs it.',
  },
  {
    types: ['ModuleNotFoundError', 'ImportError'],
    kind: 'deterministic',
    reason: 'a module, or a name in it, is not there',
  },
]

/** Usual names for modules, with their import. */
const USUAL_IMPORTS: Record<string, string> = {
  np: 'import numpy as np',
  pd: 'import pandas as pd',
  pl: 'import polars as pl',
  plt: 'import matplotlib.pyplot as plt',
  sns: 'import seaborn as sns',
  px: 'import plotly.express as px',
  go: 'import plotly.graph_objects as go',
  tf: 'import tensorflow as tf',
  nx: 'import networkx as nx',
  Path: 'from pathlib import Path',
  Counter: 'from collections import Counter',
  defaultdict: 'from collections import defaultdict',
  datetime: 'from datetime import datetime',
  timedelta: 'from datetime import timedelta',
  BeautifulSoup: 'from bs4 import BeautifulSoup',
  Image: 'from PIL import Image',
}

const MODULES_OF_THE_LIBRARY =
  'asyncio base64 collections copy csv functools glob hashlib io itertools json logging math os pickle random re shutil statistics string subprocess sys tempfile textwrap threading time traceback urllib zipfile'

const MISSING_IMPORTS: readonly FailureRule[] = [
  ...Object.entries(USUAL_IMPORTS),
  ...MODULES_OF_THE_LIBRARY.split(' ').map((name) => [name, `import ${name}`] as const),
].map(([name, write]) => ({
  types: ['NameError'],
  is: { unbound: [name] },
  kind: 'deterministic',
  reason: 'this program does not import {unbound}, and each program starts without what earlier ones had',
  hint: `Next: add "${write}".`,
}))

export const PROGRAM_FAILURES: readonly FailureRule[] = [
  ...MISSING_IMPORTS,
  {
    types: ['NameError'],
    knows: ['unbound'],
    kind: 'deterministic',
    reason: 'this program gives {unbound} no value, and each program starts without the variables of earlier ones',
    hint: 'Next: make it here, or save it to a file in one program and load it in the next; it may also be misspelt.',
  },
  ...(
    [
      ['html', 'an HTML page', 'look at the address that it was downloaded from, and at the status of the answer'],
      ['empty', 'empty', 'look at how it was written or downloaded'],
      ['text', 'a text', 'print its beginning; read it as what it is'],
    ] as const
  ).map(([really, words, next]): FailureRule => ({
    knows: ['file'],
    is: { really: [really] },
    kind: 'deterministic',
    reason: `{file} is ${words}`,
    hint: `Next: ${next}.`,
  })),
  {
    types: ['KeyError', 'AttributeError'],
    knows: ['labels'],
    kind: 'deterministic',
    reason: 'pandas finds no such label; there are {labels}',
    hint: 'Next: use one of these, letter by letter, blanks included.',
  },
  {
    types: ['KeyError'],
    knows: ['no_variable'],
    kind: 'deterministic',
    reason: "programs have no environment variable {no_variable}: they see none of the user's own",
    hint: 'Next: do without it, or ask the user how the program is to get its value.',
  },
  {
    types: ['TypeError'],
    says: ['is not json serializable'],
    kind: 'deterministic',
    reason: 'JSON has only texts, numbers, lists, dictionaries, true, false and null',
    hint: 'Next: pass default=str to json.dumps, or convert first (.item() of numpy, .tolist(), .isoformat()).',
  },
  {
    types: ['TypeError'],
    says: ['offset-naive and offset-aware', 'tz-naive and tz-aware'],
    kind: 'deterministic',
    reason: 'one of the two times has a time zone and the other has none',
    hint: 'Next: give both one: datetime.now(timezone.utc), value.replace(tzinfo=timezone.utc), or .dt.tz_localize("UTC") in pandas.',
  },
  {
    types: ['ValueError'],
    knows: ['in_number'],
    kind: 'deterministic',
    reason: 'a number is written with {in_number}',
    hint: 'Next: remove that first (text.replace), or pass thousands= and decimal= to pandas.read_csv.',
  },
  {
    types: ['locale.Error'],
    kind: 'deterministic',
    reason: 'this locale is not on the machine, and none can be added',
    hint: 'Next: leave out setlocale; for dates and numbers of a language use the package babel.',
  },
  {
    types: ['UnicodeDecodeError'],
    is: { content: ['utf-16'] },
    kind: 'deterministic',
    reason: 'the file is text in utf-16',
    hint: 'Next: pass encoding="utf-16".',
  },
  {
    types: ['UnicodeDecodeError'],
    knows: ['content'],
    kind: 'deterministic',
    reason: 'the data is no text but {content}',
    hint: 'Next: open it as such (zip is also .xlsx, .docx and .npz), or as bytes with "rb".',
  },
  {
    types: ['UnicodeDecodeError'],
    is: { looks_like: ['cp1252'], codec: ['utf-8', 'utf8', 'ascii'] },
    kind: 'deterministic',
    reason: 'the text is not in {codec}; all of it that was looked at can be read as cp1252 (Windows, Western Europe)',
    hint: 'Next: pass encoding="cp1252", and look whether its accented letters are right.',
  },
  {
    types: ['UnicodeEncodeError'],
    says: ['surrogates not allowed'],
    kind: 'deterministic',
    reason: 'the text holds bytes that were not UTF-8, as a file name may',
    hint: 'Next: write text.encode("utf-8", "replace").decode() instead of text.',
  },
  {
    types: ['RecursionError'],
    knows: ['limit'],
    kind: 'deterministic',
    reason: 'Python stops at {limit} within each other',
    hint: 'Next: correct the condition that ends it; for data that is really so deep, use a loop with a list of what is to do.',
  },
  {
    types: ['EOFError'],
    says: ['eof when reading a line'],
    is: { stdin: ['given'] },
    kind: 'deterministic',
    reason: 'the calls of input() ask for more lines than "stdin" has',
    hint: 'Next: pass one line in "stdin" for each input().',
  },
  {
    types: ['EOFError'],
    says: ['eof when reading a line'],
    is: { stdin: ['none'] },
    kind: 'deterministic',
    reason: 'nobody can answer input(), and no "stdin" was given',
    hint: 'Next: pass "stdin", one line for each input(), or put the values into the program.',
  },
  {
    types: ['EOFError'],
    says: ['ran out of input', 'marshal data too short', 'eof read where', 'compressed file ended before'],
    kind: 'deterministic',
    reason: 'the file, or the bytes, that it loads are empty or cut short',
    hint: 'Next: look at the size with os.path.getsize, and close the file (with open(…)) where it is written.',
  },
  ...Object.entries({
    empty: [
      'the text is empty, so it is no JSON',
      'look at the status and the length of what was read before parsing it',
    ],
    html: [
      'the text is an HTML page and no JSON',
      'print its first 500 characters: it is mostly an error or sign-in page; check status and address',
    ],
    mark: ['the text begins with a byte order mark', 'open the file with encoding="utf-8-sig"'],
    lines: ['there is one JSON value a line', 'parse each line by itself, or use pandas.read_json(path, lines=True)'],
    'single quotes': ['the text is a Python literal and no JSON', 'use ast.literal_eval(text)'],
  }).map(([what, [reason, next]]): FailureRule => ({
    types: ['json.decoder.JSONDecodeError', 'requests.exceptions.JSONDecodeError', 'simplejson.errors.JSONDecodeError'],
    is: { no_json: [what] },
    kind: 'deterministic',
    reason: reason!,
    hint: `Next: ${next}.`,
  })),
  {
    types: ['RuntimeError'],
    says: ['asyncio.run() cannot be called from a running event loop', 'this event loop is already running'],
    kind: 'deterministic',
    reason: 'an event loop is running already where it starts another',
    hint: 'Next: write "await …" there, and call asyncio.run(main()) once, at the top level of the program.',
  },
  {
    types: ['RuntimeError'],
    says: ['no running event loop', 'there is no current event loop'],
    kind: 'deterministic',
    reason: 'it needs an event loop where none is running',
    hint: 'Next: do this within async def main(), and start that with asyncio.run(main()).',
  },
  {
    types: ['pandas.errors.ParserError'],
    says: ['expected', 'saw'],
    kind: 'deterministic',
    reason: 'a line of the file has more fields than the lines before it',
    hint: 'Next: print that line; set sep= and quotechar=, skip a heading with skiprows=, or leave such lines out with on_bad_lines="skip".',
  },
  {
    types: ['pandas.errors.EmptyDataError'],
    kind: 'deterministic',
    reason: 'the file is empty',
    hint: 'Next: look at its size with os.path.getsize, and at how it was written.',
  },
]
