/** Reasons why a package is not installed: as data, and in words. */
import { quoted } from './requirement.ts'

/** `name`: as it was asked for. `suggestion`: the one name to write instead, when there is one. */
export type PackageRefusal = { name: string; suggestion: string | null } & (
  | { why: 'not_a_name' }
  | { why: 'standard'; removed: boolean; instead: string | null }
  | { why: 'namespace' | 'part' | 'own_file' | 'network_off' }
  | { why: 'other_module' | 'other_package' }
  | { why: 'look_alike'; asked: 'import' | 'install' }
  | { why: 'blocked' | 'not_allowed' | 'auto_install_off'; package: string }
)

/** Longest list that a message repeats. */
const MAX_SHOWN_LIST = 300

/** One or two sentences: the reason, and the next step. */
export function packageRefusalWords(refusal: PackageRefusal, allowed: readonly string[] = []): string {
  const name = quoted(refusal.name)
  const { suggestion } = refusal
  switch (refusal.why) {
    case 'not_a_name':
      return suggestion === null
        ? `${name} is not the name of a package, so nothing is installed for it.`
        : `${name} is not the name of a package: it has characters that only look like "${suggestion}". Next: write "${suggestion}".`
    case 'standard':
      return `${name} ${refusal.removed ? 'was in the standard library of older Pythons' : 'belongs to the standard library'}, and such names are never installed. Next: ${
        refusal.instead === null ? 'import it without installing anything' : `use ${refusal.instead}`
      }.`
    case 'namespace':
      return `${name} is part of a namespace that many packages share, and its package is not known. Next: install it by its package's name with pip_install.`
    case 'part':
      return `The module ${name} does not exist in what is installed; nothing is installed for a part of a package. Next: check the name, or the package's version.`
    case 'own_file':
      return `${name} is a name for a file of one's own, and there is no such file in the working folder, so nothing is installed for it. Next: write ${refusal.name}.py first, or pass it in "files".`
    case 'other_module':
      return `${name} is not what this module is called. Next: write "import ${suggestion}"; its package is then installed.`
    case 'other_package':
      return `${name} is the name of a module or a nickname; the package is called "${suggestion}". Next: install "${suggestion}".`
    case 'look_alike':
      return `${name} is not a well-known package but looks like "${suggestion}", so nothing was installed. Next: ${
        refusal.asked === 'import' ? `import "${suggestion}"` : `install "${suggestion}"`
      } if that is meant; ${insist(refusal.name, allowed)}`
    case 'blocked':
      return `${namedAs(refusal)} is on the user's list blocked_packages. Next: do without it, or ask the user to change that setting.`
    case 'not_allowed':
      return `${namedAs(refusal)} is not on the user's list allowed_packages. Next: do without it, or ask the user to change that setting.`
    case 'network_off':
      return `${name} is not installed: the user's network policy is "off", so nothing can be fetched. Next: do without it, or ask the user to set network to "packages" with configure.`
    case 'auto_install_off':
      return `${name} is not installed and auto_install is off. Next: call pip_install with "${refusal.package}", or pass auto_install: true.`
  }
}

function namedAs({ name, package: provider }: { name: string; package: string }): string {
  return name === provider ? quoted(name) : `"${provider}", the package of ${quoted(name)},`
}

/** The way to install a look-alike that is really meant: the user's allow list names it, and still allows all that it did before. */
function insist(name: string, allowed: readonly string[]): string {
  const list = [...(allowed.length === 0 ? ['*'] : allowed), name].join(', ')
  const value = list.length > MAX_SHOWN_LIST ? `its present value and "${name}"` : `"${list}"`
  return `if it really is this name, let the user confirm it and set allowed_packages to ${value} with configure.`
}
