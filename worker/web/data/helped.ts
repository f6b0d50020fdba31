/** How often a learning has helped, in the words that models read. */

/** How often it was of use to a program that had failed. */
export function helpedWords(successes: number, failures: number): string {
  const uses = successes + failures
  return uses === 0 ? 'not yet tried' : `helped ${successes} of ${uses} ${uses === 1 ? 'time' : 'times'}`
}
