/** Requirements that a program declares in its own text (PEP 723), and those of them to install: pure. */
import { judgePackage } from './policy.ts'
import type { PackagePolicy } from '../contract/step.ts'
import type { CheckResult } from '../contract/check.ts'
import { packageRefusalWords } from './refusal.ts'
import { parseRequirements, quoted } from './requirement.ts'

export interface ScriptPlan {
  /** Requirements to install, in one go. */
  install: string[]
  /** Reasons why others are not installed, for when the program fails. */
  explanations: string[]
  /** Notes for the caller in any case. */
  notes: string[]
}

export function planScript({ script }: CheckResult, policy: PackagePolicy): ScriptPlan {
  const declared: ScriptPlan = { install: [], explanations: [], notes: [] }
  if (script === undefined) return declared
  if (script.problem !== null) {
    declared.notes.push(
      `The block "# /// script" cannot be read (${script.problem}), so its dependencies were not installed. Next: correct it.`,
    )
  }
  if (script.requires_python !== null) {
    declared.notes.push(
      `The program asks for Python ${quoted(script.requires_python)} (requires-python), which this one is not; it ran all the same.`,
    )
  }
  for (const spec of script.missing) {
    const parsed = parseRequirements(spec)
    if ('refused' in parsed) declared.explanations.push(`dependencies: ${parsed.refused}`)
    else {
      for (const { name, spec: requirement } of parsed.requirements) {
        const refusal =
          judgePackage(name, policy) ??
          (policy.auto_install
            ? null
            : { why: 'auto_install_off' as const, name, package: requirement, suggestion: null })
        if (refusal === null) declared.install.push(requirement)
        else declared.explanations.push(packageRefusalWords(refusal, policy.allowed_packages))
      }
    }
  }
  return declared
}
