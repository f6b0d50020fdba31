/** Packages that somebody wants: which of them may be installed, and what came of it in words. */
import { brokenNeedsWords, installFailure, installFailureWords } from '../run/packages/installer-output.ts'
import { judgePackage } from '../run/packages/policy.ts'
import { packageRefusalWords } from '../run/packages/refusal.ts'
import { normalName } from '../run/packages/requirement.ts'
import type { Settings } from '../settings/settings.ts'
import type { InstallEnd } from './installation.ts'

export interface RefusedPackage {
  name: string
  reason: string
  suggestion: string | null
}

/** Tells the specifiers for the installer from the packages that may not be installed. What is asked for twice is there once. */
export function judged(requirements: { spec: string; name: string }[], settings: Settings) {
  const requested: string[] = []
  const refused: RefusedPackage[] = []
  const seen = new Set<string>()
  for (const { spec, name } of requirements) {
    const same = normalName(name) + spec.slice(name.length).replaceAll(' ', '')
    if (seen.has(same)) continue
    seen.add(same)
    const refusal = judgePackage(name, settings)
    if (refusal === null) requested.push(spec)
    else {
      const reason = packageRefusalWords(refusal, settings.allowed_packages)
      refused.push({ name, reason, suggestion: refusal.suggestion })
    }
  }
  return { requested, refused }
}

/** `said`: the end of the installer's output. */
export function installedWords(done: InstallEnd | null, requested: string[], said: string): string {
  if (done === null) return 'The installation broke off, and nothing was changed. Next: call again.'
  if (done.status === 'error') return installFailureWords(requested, installFailure(requested, said, done.message))
  const { installed } = done
  if (installed.length === 0) return `Already there: ${requested.join(', ')}.`
  const count = `${installed.length} ${installed.length === 1 ? 'package' : 'packages'}`
  const broken = done.message === null ? '' : ` ${brokenNeedsWords(done.message)}`
  return `Installed ${count} for ${requested.join(', ')}.${broken}`
}
