/**
 * The package that an import asks for, and the packages that may be installed. Pure: only the installer knows whether a package exists, and
 * `refusal.ts` puts the reasons into words.
 */
import { KNOWN_PACKAGES, WELL_KNOWN_PACKAGES } from './known.ts'
import { lookAlike } from './look-alike.ts'
import { listedPackage, moduleMeantBy, MODULES, namespacePackage, packageMeantBy } from './modules.ts'
import type { PackagePolicy } from '../contract/step.ts'
import type { PackageRefusal } from './refusal.ts'
import { asciiLookalike, isPackageName, normalName } from './requirement.ts'
import { STANDARD_MODULES, standardModule } from './standard-library.ts'

/** Entry of `allowed_packages` that allows everything else as well. So one name can be trusted without forbidding the rest. */
export const EVERYTHING = '*'

const OF_MODULES = [...MODULES.values()].map(normalName)
const KNOWN: ReadonlySet<string> = new Set([...KNOWN_PACKAGES, ...OF_MODULES])

/** Targets of slips: known packages before modules, so that a package is suggested where both fit. */
const TARGETS: ReadonlySet<string> = new Set(
  [...WELL_KNOWN_PACKAGES, ...OF_MODULES, ...MODULES.keys(), ...STANDARD_MODULES]
    .map(normalName)
    .filter((name) => isPackageName(name)),
)

/** Usual names for a program's own files: a model that imports one has forgotten to write it, and no package is meant. */
const OWN_FILES = new Set(
  `app common conf config configs constants core database db function functions helper helpers lib main models module my_app my_lib
  my_module my_package mylib mymodule mypackage my_script myscript project schemas script scripts settings src test_utils tests util utils views your_module`.split(
    /\s+/,
  ),
)

/** Returns whether a package is among the well-known ones, so that it surely exists. */
export function isKnownPackage(name: string): boolean {
  return KNOWN.has(normalName(name))
}

/** The package that provides a module, by its known names; or the reason why none can be named. */
export function packageForModule(module: string): { package: string } | { refused: PackageRefusal } {
  const top = module.split('.', 1)[0] ?? module
  const inNamespace = namespacePackage(module)
  if (inNamespace === null) return { refused: { why: 'namespace', name: module, suggestion: null } }
  if (inNamespace !== undefined) return { package: inNamespace }
  const standard = standardModule(top)
  if (standard !== null && module === top)
    return { refused: { why: 'standard', name: top, suggestion: null, ...standard } }
  if (module !== top) return { refused: { why: 'part', name: module, suggestion: null } }
  const listed = listedPackage(top)
  if (listed !== undefined) return { package: listed }
  const meant = moduleMeantBy(top)
  if (meant !== undefined) return { refused: { why: 'other_module', name: top, suggestion: meant } }
  if (OWN_FILES.has(top.toLowerCase())) return { refused: { why: 'own_file', name: top, suggestion: null } }
  if (!isPackageName(top)) return { refused: notAName(top, 'import') }
  return { package: top }
}

/** The package to install for a missing import, or the reason why none is. */
export function judgeImport(module: string, policy: PackagePolicy): { package: string } | { refused: PackageRefusal } {
  const found = packageForModule(module)
  if ('refused' in found) return found
  const name = normalName(found.package)
  const listed = onLists(name, policy)
  if (listed.refused !== null) {
    return { refused: { why: listed.refused, name: module, package: found.package, suggestion: null } }
  }
  const slip = listed.trusted ? null : slipOf(name)
  if (slip !== null)
    return { refused: { why: 'look_alike', asked: 'import', name: module, suggestion: asModule(slip) } }
  if (policy.network === 'off') return { refused: { why: 'network_off', name: module, suggestion: null } }
  if (!policy.auto_install) {
    return { refused: { why: 'auto_install_off', name: module, package: found.package, suggestion: null } }
  }
  return found
}

/** The reason why a package that is asked for by its name is not installed, or null when it may be. */
export function judgePackage(asked: string, policy: Omit<PackagePolicy, 'auto_install'>): PackageRefusal | null {
  if (!isPackageName(asked)) return notAName(asked, 'install')
  const name = normalName(asked)
  const standard = standardModule(name)
  if (standard !== null && !KNOWN.has(name)) {
    return { why: 'standard', name: asked, suggestion: null, ...standard }
  }
  const listed = onLists(name, policy)
  if (listed.refused !== null) return { why: listed.refused, name: asked, package: asked, suggestion: null }
  if (policy.network === 'off') return { why: 'network_off', name: asked, suggestion: null }
  if (listed.trusted) return null
  const meant = packageMeantBy(name)
  if (meant !== undefined) return { why: 'other_package', name: asked, suggestion: meant }
  const slip = slipOf(name)
  if (slip === null) return null
  const suggestion = packageMeantBy(slip) ?? slip
  return { why: 'look_alike', asked: KNOWN.has(normalName(suggestion)) ? 'install' : 'import', name: asked, suggestion }
}

function slipOf(name: string): string | null {
  return KNOWN.has(name) ? null : lookAlike(name, TARGETS)
}

/** The word after `import` for a known package, module or module of the library. */
function asModule(target: string): string {
  const module = [...MODULES.keys()].find((each) => normalName(each) === target)
  return module ?? moduleMeantBy(target) ?? target.replaceAll('-', '_')
}

/** `trusted`: the user named this very package. */
function onLists(name: string, policy: Omit<PackagePolicy, 'auto_install'>) {
  const names = (list: readonly string[]) =>
    list.some((entry) => normalName(entry) === name || normalName(packageMeantBy(entry) ?? entry) === name)
  const { allowed_packages, blocked_packages } = policy
  const trusted = names(allowed_packages)
  if (names(blocked_packages)) return { refused: 'blocked', trusted } as const
  const open = allowed_packages.length === 0 || allowed_packages.includes(EVERYTHING)
  return { refused: open || trusted ? null : ('not_allowed' as const), trusted }
}

function notAName(name: string, asked: 'import' | 'install'): PackageRefusal {
  const plain = normalName(asciiLookalike(name))
  const suggestion = !TARGETS.has(plain)
    ? null
    : asked === 'import'
      ? asModule(plain)
      : (packageMeantBy(plain) ?? plain)
  return { why: 'not_a_name', name, suggestion }
}
