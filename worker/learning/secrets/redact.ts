/**
 * Replaces texts that look like a secret, in texts of some 32,000 characters at most (twice the stored length of a program). It errs on the
 * side of replacing, but leaves the material of learnings: names, types, placeholders, paths, hashes of commits and files. Every step is
 * linear in the text's length.
 */
import { redactNamed } from './named.ts'
import { isOfAws, redactRandom } from './random-runs.ts'
import { FORMS } from './forms.ts'
import { PLACES } from './places.ts'
import { withoutSplits } from './split.ts'

const REPLACEMENT = '[redacted]'

/** A picture in base64, by its address or its first bytes (PNG, JPEG, GIF, WebP): as random as a key, and none. */
const PICTURE =
  /(data:[a-z]{1,20}\/[\w.+-]{1,40};base64,[A-Za-z0-9+/=]*|(?<![A-Za-z0-9+/=])(?:iVBORw0KGgo|\/9j\/|R0lGOD|UklGR)[A-Za-z0-9+/=]{40,})/

export function redact(text: string): string {
  return text
    .split(PICTURE)
    .map((part, i) => (i % 2 === 1 ? part : redactText(part)))
    .join('')
}

function redactText(text: string): string {
  const withAwsSecrets = isOfAws(text)
  let result = withoutSplits(text)
  for (const form of FORMS) result = result.replace(form, REPLACEMENT)
  for (const place of PLACES) {
    result = result.replace(place, (match, before: string) => before + REPLACEMENT + (match.endsWith('@') ? '@' : ''))
  }
  return redactRandom(redactNamed(result, REPLACEMENT), REPLACEMENT, withAwsSecrets)
}
