/** What to do next with a run: pure decisions on what was found out. */
import type { CheckResult, ExitEvent } from './protocol.ts'
import { packageForModule } from './packages.ts'

export interface InstallPlan {
  /** Package names to install before the program runs. */
  install: string[]
  /** Missing imports that nothing is installed for; the program fails with its own traceback, and this explains it. */
  refused: { module: string; reason: string }[]
}

/** What the check's missing imports ask for. Each package once. */
export function planInstall(check: CheckResult, autoInstall: boolean): InstallPlan {
  const install = new Set<string>()
  const refused = []
  for (const { module, kind } of check.imports) {
    if (kind !== 'missing') continue
    if (!autoInstall) {
      refused.push({ module, reason: `"${module}" is not installed and auto_install is off` })
      continue
    }
    const found = packageForModule(module)
    if ('package' in found) install.add(found.package)
    else refused.push({ module, reason: found.refused })
  }
  return { install: [...install], refused }
}

/**
 * The package to install after a run that failed on a dynamic import, which no reading of the program can foresee; null when the
 * failure is of another kind, or when that module was already dealt with before the run.
 */
export function lateInstall(exit: ExitEvent, check: CheckResult, autoInstall: boolean): string | null {
  const module = exit.error?.module
  if (!autoInstall || exit.status !== 'error' || module === undefined) return null
  if (check.imports.some((known) => known.module === module || module.startsWith(`${known.module}.`))) return null
  const found = packageForModule(module)
  return 'package' in found ? found.package : null
}
