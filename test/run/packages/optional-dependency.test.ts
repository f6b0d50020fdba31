/** What libraries ask for, in messages that they really gave. */
import { expect, test } from 'vitest'
import { lateInstall } from '../../../worker/run/execution/decide.ts'
import { unknownPackage, wantedBy } from '../../../worker/run/packages/optional-dependency.ts'
import type { PackagePolicy } from '../../../worker/run/contract/step.ts'
import type { ExitEvent } from '../../../worker/run/contract/protocol.ts'
import type { ProgramError } from '../../../worker/run/contract/program-error.ts'

const error = (message: string, type = 'ImportError', facts?: ProgramError['facts']): ProgramError => ({
  type,
  message,
  line: 1,
  frame: null,
  ...(facts && { facts }),
})

test.each([
  ["Missing optional dependency 'tabulate'.  Use pip or conda to install tabulate.", 'tabulate'],
  [
    '`Import tabulate` failed.  Use pip, conda, or your preferred package management tool to install the tabulate package.',
    'tabulate',
  ],
  ['`Import xlrd` failed.  Use pip or conda to install the xlrd package.', 'xlrd'],
  ["Missing optional dependency 'odf'.  Use pip or conda to install odfpy.", 'odfpy'],
  ['lxml not found, please install it', 'lxml'],
  [
    '\nImage export using the "kaleido" engine requires the Kaleido package,\nwhich can be installed using pip:\n\n    $ pip install --upgrade kaleido\n',
    'kaleido',
  ],
  [
    "Using http2=True, but the 'h2' package is not installed. Make sure to install httpx using `pip install httpx[http2]`.",
    'httpx[http2]',
  ],
  [
    'Using SOCKS proxy, but the \'socksio\' package is not installed. Make sure to install httpx using `pip install "httpx[socks]"`.',
    'httpx[socks]',
  ],
  [
    "Couldn't find a tree builder with the features you requested: html5lib. Do you need to install a parser library?",
    'html5lib',
  ],
  ['plot_tree requires matplotlib. You can install matplotlib with `pip install matplotlib`', 'matplotlib'],
  ['Missing dependencies for SOCKS support.', 'requests[socks]'],
  ['pyarrow is needed. Please install pyarrow.', 'pyarrow'],
  ['`statsmodels` is required for trend lines', 'statsmodels'],
  ['seaborn requires scipy to be installed', 'scipy'],
  ["No module named 'sklearn'", 'scikit-learn'],
  ["The 'PIL' package is required", 'pillow'],
])('%j asks for %s', (message, name) => {
  expect(wantedBy(error(message, 'ValueError'))).toEqual({ package: name })
})

test.each([
  'please check',
  'division by zero',
  'requires an argument',
  'please install it',
  'import failed',
  "'x' is missing",
])('%j asks for nothing that is known', (message) => {
  expect(planned(error(message))).toEqual({ install: [], refused: [] })
})

test('the module whose import failed counts before the words about it', () => {
  const facts = { missing_module: 'yaml' }
  expect(wantedBy(error('you need to pip install other', 'RuntimeError', facts))).toEqual({ module: 'yaml' })
})

const POLICY: PackagePolicy = { auto_install: true, allowed_packages: [], blocked_packages: [], network: 'open' }

function planned(failure: ProgramError, policy: Partial<PackagePolicy> = {}) {
  const exit = { status: 'error', error: failure } as ExitEvent
  return lateInstall(exit, { syntax_error: null, imports: [], notes: [] }, { ...POLICY, ...policy })
}

test('a well-known package is installed, with its extras, under the policy', () => {
  const failure = error('use `pip install httpx[http2]`')
  expect(planned(failure)).toEqual({ install: [['httpx[http2]']], refused: [] })
  expect(planned(failure, { blocked_packages: ['httpx'] }).refused).toMatchObject([{ why: 'blocked' }])
  expect(planned(failure, { auto_install: false })).toMatchObject({
    install: [],
    refused: [{ why: 'auto_install_off' }],
  })
  expect(planned(failure, { network: 'off' }).refused).toMatchObject([{ why: 'network_off' }])
})

test('a package that nobody knows is not installed for the sake of a message', () => {
  const failure = error('pip install totally-unheard-of-thing')
  expect(planned(failure)).toEqual({ install: [], refused: [] })
  expect(unknownPackage(failure)).toBe('totally-unheard-of-thing')
  expect(unknownPackage(error('pip install httpx[http2]'))).toBeNull()
  expect(unknownPackage(error('please install it'))).toBeNull()
})

test('an import that the program guards is installed when the program ends for want of it', () => {
  const exit = {
    status: 'error',
    error: error('yaml is needed', 'SystemExit', { missing_module: 'yaml' }),
  } as ExitEvent
  const guarded = { syntax_error: null, imports: [{ module: 'yaml', kind: 'guarded' as const, line: 2 }], notes: [] }
  expect(lateInstall(exit, guarded, POLICY)).toEqual({ install: [['PyYAML']], refused: [] })
})
