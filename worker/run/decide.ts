/** What to do next with a run: pure decisions on what was found out. */
import { noteAbout } from './modules.ts'
import { isKnownPackage, judgeImport, type PackagePolicy } from './packages.ts'
import type { CheckResult, ExitEvent } from './protocol.ts'
import type { Refusal } from './refusal.ts'

export interface InstallPlan {
  /**
   * Package names to install, each list in one go. A name that nothing is known of stands alone: should it not exist, that must not keep
   * the others from being installed.
   */
  install: string[][]
  /** Missing imports that nothing is installed for; the program fails with its own traceback, and this explains it. */
  refused: Refusal[]
}

/** What the check's missing imports ask for. Each package once. */
export function planInstall(check: CheckResult, policy: PackagePolicy): InstallPlan {
  return plan(
    check.imports.filter(({ kind }) => kind === 'missing').map(({ module }) => module),
    policy,
  )
}

/**
 * What a run asks for that failed on a dynamic import, which no reading of the program can foresee; empty when the failure is of another
 * kind, or when that module was already dealt with before the run.
 */
export function lateInstall(exit: ExitEvent, check: CheckResult, policy: PackagePolicy): InstallPlan {
  const module = exit.status === 'error' ? exit.error?.module : undefined
  if (module === undefined) return NOTHING
  const seen = check.imports.some((known) => known.module === module || module.startsWith(`${known.module}.`))
  return seen ? NOTHING : plan([module], policy)
}

const NOTHING: InstallPlan = { install: [], refused: [] }

function plan(modules: string[], policy: PackagePolicy): InstallPlan {
  const known = new Set<string>()
  const unknown = new Set<string>()
  const refused: Refusal[] = []
  for (const module of modules) {
    const found = judgeImport(module, policy)
    if ('refused' in found) refused.push(found.refused)
    else (isKnownPackage(found.package) ? known : unknown).add(found.package)
  }
  const together = known.size > 0 ? [[...known]] : []
  return { install: [...together, ...[...unknown].map((name) => [name])], refused }
}

/** What the caller has to know about packages that were chosen for an import. */
export function notesAbout(packages: string[]): string[] {
  return packages.flatMap((name) => noteAbout(name) ?? [])
}
