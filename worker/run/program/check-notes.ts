/** Findings of reading a program before it ran, in words for its receipt. */
import { judgeHost, type NetworkPolicy } from '../network/policy.ts'
import type { CheckNote } from '../contract/check.ts'

/** Returns whether the policy keeps programs from a host that others let them reach. The package hosts are not known here. */
export function isKeptFrom(host: string, network: NetworkPolicy): boolean {
  const because = judgeHost(host, [network], [])
  return because !== null && because !== 'private'
}

/** Notes without those that are no news: hosts that the policy allows, and input that is given. */
export function checkNotes(notes: readonly CheckNote[], network: NetworkPolicy, has_stdin: boolean): string[] {
  return notes.flatMap(({ kind, line, what = '' }) => {
    switch (kind) {
      case 'input':
        return has_stdin ? [] : [`Line ${line} calls input(), and no stdin was given.`]
      case 'spawn':
        return [
          `Line ${line} starts worker processes outside of if __name__ == "__main__": each begins by running the program.`,
        ]
      case 'host':
        return isKeptFrom(what, network)
          ? [`Line ${line} names the host ${what}; the network policy is "${network.network}".`]
          : []
      case 'deletes_folder':
        return [`Line ${line} deletes a folder with all that is in it: ${what}`]
      case 'deletes_files':
        return [`Line ${line} deletes files one after the other.`]
    }
  })
}
