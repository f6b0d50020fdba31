/** Packages that a library asks for at run time, in words of its own: its import worked, and a function of it needs one more. */
import type { ProgramError } from '../contract/program-error.ts'
import { isKnownPackage, packageForModule } from './policy.ts'
import { nameOf } from './requirement.ts'

/** A module by its name, or a package, perhaps with extras. */
export type Dependency = { module: string } | { package: string }

const NAME = String.raw`[A-Za-z0-9][\w.-]{0,80}`
const QUOTE = '[\'"`]?'

/**
 * Forms in which messages ask for a package; the first that fits counts. `pip install x` names a package, the others a package or its
 * module.
 */
const PACKAGES = [
  new RegExp(String.raw`\bpip3? install (?:--?[a-zA-Z-]{1,20} ){0,3}${QUOTE}(${NAME}(?:\[[\w,-]{1,60}\])?)`),
  new RegExp(String.raw`\bUse pip or conda to install (?:the )?${QUOTE}(${NAME})`),
]
const NAMES = [
  new RegExp(`Missing optional dependency ${QUOTE}(${NAME})`),
  new RegExp(`No module named ${QUOTE}(${NAME})`),
  new RegExp(`\\bImport ${QUOTE}(${NAME})${QUOTE} failed`),
  new RegExp(`['"\`](${NAME})['"\`] (?:package |module |library )?(?:is|are) (?:required|needed|not installed)`),
  new RegExp(`\\brequires? (?:the )?${QUOTE}(${NAME})${QUOTE} (?:package |module |library )?to be installed`),
  /\b(lxml|html5lib|openpyxl|tabulate|pyarrow|bs4) not found, please install it/,
  new RegExp(`\\b[Pp]lease install (?:the )?${QUOTE}(${NAME})`),
  /tree builder with the features you requested: (lxml|html5lib)/,
]

/** The package or module that the error asks for, or null. `module` of a plain ModuleNotFoundError is the runner's own finding. */
export function wantedBy({ type, message, module, facts }: ProgramError): Dependency | null {
  if (module !== undefined) return { module }
  const missing = facts?.['missing_module']
  if (typeof missing === 'string') return { module: missing }
  if (type === 'SyntaxError') return null
  if (message.includes('Missing dependencies for SOCKS support')) return { package: 'requests[socks]' }
  const named = packageIn(message)
  if (named !== undefined) return { package: named }
  for (const pattern of NAMES) {
    const found = pattern.exec(message)?.[1]?.replace(/[.-]$/, '')
    if (found === undefined) continue
    const provider = packageForModule(found)
    return { package: 'package' in provider ? provider.package : found }
  }
  return null
}

/** The package that a message names for installation, when it is not a well-known one. */
export function unknownPackage({ message }: Pick<ProgramError, 'message'>): string | null {
  const named = packageIn(message)
  return named === undefined || isKnownPackage(nameOf(named)) ? null : named
}

function packageIn(message: string): string | undefined {
  for (const pattern of PACKAGES) {
    const found = pattern.exec(message)?.[1]
    if (found !== undefined) return found.replace(/[.-]$/, '')
  }
  return undefined
}
