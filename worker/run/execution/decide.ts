/** The next step of a run: pure decisions on what was found out. */
import { noteAbout } from '../packages/modules.ts'
import { wantedBy } from '../packages/optional-dependency.ts'
import { isKnownPackage, judgeImport, judgePackage, packageForModule } from '../packages/policy.ts'
import type { PackagePolicy } from '../contract/step.ts'
import type { ExitEvent } from '../contract/protocol.ts'
import type { CheckResult } from '../contract/check.ts'
import type { PackageRefusal } from '../packages/refusal.ts'
import { nameOf, normalName, parseRequirements } from '../packages/requirement.ts'

export interface InstallPlan {
  /**
   * Package names to install, each list in one go. An unknown name stands alone: should it not exist, that must not keep the others from
   * being installed.
   */
  install: string[][]
  /** Missing imports for which nothing is installed; the program fails with its own traceback, and this explains it. */
  refused: PackageRefusal[]
}

/**
 * Requirements in the lines of a notebook cell that install packages: they are meant, even when imports are not installed by themselves.
 */
export function planCell({ reading }: CheckResult, policy: PackagePolicy): CellPlan {
  const install = new Set<string>()
  const lines = new Set<number>()
  const refused: PackageRefusal[] = []
  const unclear: string[] = []
  const wanted = new Map((reading?.specs ?? []).map((each) => [each.spec, each]))
  for (const { spec, line, installed } of wanted.values()) {
    if (installed) continue
    const parsed = parseRequirements(spec)
    if ('refused' in parsed) unclear.push(parsed.refused)
    for (const requirement of 'refused' in parsed ? [] : parsed.requirements) {
      const refusal = judgePackage(requirement.name, policy)
      if (refusal === null) {
        install.add(requirement.spec)
        lines.add(line)
      } else refused.push(refusal)
    }
  }
  return { install: install.size > 0 ? [[...install]] : [], lines, refused, unclear }
}

/** `lines`: those that ask for an installation. `unclear`: the reasons why some text in them is no requirement, in words. */
export interface CellPlan extends InstallPlan {
  lines: ReadonlySet<number>
  unclear: string[]
}

/** Packages for the check's missing imports, but for those that the program installs itself. Each package once. */
export function planInstall(check: CheckResult, policy: PackagePolicy): InstallPlan {
  const own = ownPackages(check)
  return plan(
    check.imports.filter(({ module, kind }) => kind === 'missing' && !isOwn(module, own)).map(({ module }) => module),
    policy,
  )
}

/** Normal names of the packages that the program installs itself. */
function ownPackages({ own_installs = [] }: CheckResult): string[] {
  return own_installs.map((spec) => normalName(nameOf(spec)))
}

/**
 * Returns whether the program installs a module's package itself, or another build of it, such as opencv-python rather than
 * opencv-python-headless.
 */
function isOwn(module: string, own: string[]): boolean {
  const found = packageForModule(module)
  const name = normalName('package' in found ? found.package : module)
  return own.some((each) => each === name || each.startsWith(`${name}-`) || name.startsWith(`${each}-`))
}

/**
 * Packages for a run that failed on a dynamic import, which no reading of the program can foresee, or on a package that a library wants
 * only now. Empty when the failure is of another kind, or when that module was already dealt with before the run.
 */
export function lateInstall(exit: ExitEvent, check: CheckResult, policy: PackagePolicy): InstallPlan {
  const wanted = exit.status === 'error' && exit.error !== undefined ? wantedBy(exit.error) : null
  if (wanted === null) return NOTHING
  if ('package' in wanted) return planPackage(wanted.package, policy)
  const { module } = wanted
  const own = ownPackages(check)
  const seen = check.imports.some(
    (known) =>
      known.kind !== 'guarded' &&
      (known.module === module || module.startsWith(`${known.module}.`)) &&
      !isOwn(known.module, own),
  )
  return seen ? NOTHING : plan([module], policy)
}

const NOTHING: InstallPlan = { install: [], refused: [] }

/** A message names the package, so only a well-known one is installed; about others only the message is known. */
function planPackage(spec: string, policy: PackagePolicy): InstallPlan {
  const name = nameOf(spec)
  if (!isKnownPackage(name)) return NOTHING
  const refused = judgePackage(name, policy)
  if (refused !== null) return { install: [], refused: [refused] }
  if (policy.auto_install) return { install: [[spec]], refused: [] }
  return { install: [], refused: [{ why: 'auto_install_off', name, package: spec, suggestion: null }] }
}

function plan(modules: string[], policy: PackagePolicy): InstallPlan {
  const known = new Set<string>()
  const unknown = new Set<string>()
  const refused: PackageRefusal[] = []
  for (const module of modules) {
    const found = judgeImport(module, policy)
    if ('refused' in found) refused.push(found.refused)
    else (isKnownPackage(found.package) ? known : unknown).add(found.package)
  }
  const together = known.size > 0 ? [[...known]] : []
  return { install: [...together, ...[...unknown].map((name) => [name])], refused }
}

/** Notes for the caller about packages that were chosen for an import. */
export function notesAbout(packages: string[]): string[] {
  return packages.flatMap((name) => noteAbout(name) ?? [])
}
