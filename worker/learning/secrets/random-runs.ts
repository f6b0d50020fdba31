/** Long runs of letters and digits without a mark or a name: keys as well as hashes, and words that are only long. */

const LONG_RUN = /(?<![\w+/=-])[\w+-]{32,}={0,2}/g
/** Base64 with its slashes, known by its padding: a path has none. */
const PADDED = /(?<![\w+/=-])[A-Za-z0-9+/]{38,}={1,2}(?![\w=])/g
/** Base64 of the length of a secret access key of AWS. */
const AWS_SECRET = /(?<![\w+/=.-])[A-Za-z0-9+/]{40}(?![\w+/=.-])/g
/** Signs that a text is about keys of AWS. */
const OF_AWS = /\b(?:AKIA|ASIA)[A-Z0-9]{16}|aws|s3:\/\//i
/** Text in front of a hash that identifies something: a commit, a file, an image. */
const OF_A_HASH =
  /(?:commit|sha|sha-?\d{1,3}|md5|hash|digest|checksum|integrity|etag|revision|rev|ref|tree|blob|raw|archive|compare|snapshot|object|head|head is now at|branch|pathspec|fingerprint|merge|parent|image|layer|overlay2)s?["'`]{0,2}\s{0,3}[:=@(/-]?\s{0,3}["'`(/]{0,2}$|[@^~]$|\.\.\.?$/i
/** Text in front of a long hash: of a folder or a file (a key in an address is shorter); of a commit in a list of changes. */
const OF_A_LONG_HASH = /[/([]$/
/** Characters before a run in which these texts are looked for. */
const LOOK_BACK = 40

/** Returns whether a text is about keys of AWS. */
export function isOfAws(text: string): boolean {
  return OF_AWS.test(text)
}

export function redactRandom(text: string, replacement: string, withAwsSecrets: boolean): string {
  const before = (whole: string, at: number) => whole.slice(Math.max(0, at - LOOK_BACK), at)
  const padded = text.replace(PADDED, (run, at: number) =>
    mixes(run) && !OF_A_HASH.test(before(text, at)) ? replacement : run,
  )
  const known = padded.replace(AWS_SECRET, (run) => (mixes(run, withAwsSecrets ? 2 : 1) ? replacement : run))
  return known.replace(LONG_RUN, (run, at: number, whole: string) => {
    if (/^sha\d{1,3}-/i.test(run)) return run
    if (!isRandom(run)) return run
    const isHash =
      /^[0-9a-f]+$/i.test(run) &&
      (OF_A_HASH.test(before(whole, at)) || (run.length >= 40 && OF_A_LONG_HASH.test(before(whole, at))))
    return isHash ? run : replacement
  })
}

function isRandom(run: string): boolean {
  if (/^[0-9a-f]+$/i.test(run)) return /\d/.test(run) && /[a-f]/i.test(run)
  return run.length >= 36 && mixes(run)
}

/** Returns whether a run mixes letters of both cases and digits, unlike a long name, which has several words and few numbers. */
function mixes(run: string, maxWords = 2): boolean {
  if (!/\d/.test(run) || !/[a-z]/.test(run) || !/[A-Z]/.test(run)) return false
  if (run.includes('abcdefghij') && run.includes('ABCDEFGHIJ')) return false // an alphabet
  const numbers = run.match(/\d+/g) ?? []
  const words = run.match(/[a-z]{4,}/g) ?? []
  const parts = run.includes('_') ? (run.match(/[a-z]{5,}|[A-Z]{5,}/g) ?? []) : []
  return numbers.length >= 3 || (words.length <= maxWords && parts.length <= 2)
}
