/**
 * Replaces what looks like a secret. It errs on the side of replacing: a learning loses little by it. Every pattern is linear in the
 * text's length.
 */

const REPLACEMENT = '[redacted]'

const SECRET_NAME =
  '(?:[\\w.-]{0,40}(?:passwd|password|passphrase|pwd|secret|token|api[_-]?key|access[_-]?key|account[_-]?key|private[_-]?key|signing[_-]?key|encryption[_-]?key|credential|authorization|auth[_-]?key)s?[\\w-]{0,20})'

/** Whole secrets, recognised by their own form. */
const FORMS: readonly RegExp[] = [
  /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z0-9 ]{0,40}PRIVATE KEY-----|$)/g,
  // JSON web tokens; the signature may be empty.
  /\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*/g,
  // Providers' prefixes: OpenAI and Anthropic, GitHub, GitLab, Slack, AWS, Google, npm, PyPI, Hugging Face, SendGrid, Stripe,
  // DigitalOcean, Shopify, Cloudflare, Telegram.
  /\bsk-[\w-]{16,}/g,
  /\bmcpcm_[\w-]{20,}/g,
  /\b(?:gh[opsur]_\w{20,}|github_pat_\w{20,}|glpat-[\w-]{16,})/g,
  /\bxox[a-z]-[\w-]{10,}/g,
  /\bxapp-[\w-]{10,}/g,
  /\b(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}\b/g,
  /\b(?:AIza[\w-]{30,}|ya29\.[\w-]{20,}|GOCSPX-[\w-]{20,})/g,
  /\b(?:npm_\w{30,}|pypi-[\w-]{30,}|hf_\w{20,}|SG\.[\w-]{16,}\.[\w-]{16,})/g,
  /\b(?:[sr]k_(?:live|test)_\w{10,}|whsec_\w{16,})/g,
  /\b(?:do[opr]_v1_[0-9a-f]{32,}|shp(?:at|ca|pa|ss)_[0-9a-f]{20,}|cf(?:ut|at|k)_\w{20,})/g,
  /\b\d{8,10}:[\w-]{35}\b/g,
]

/** A secret behind something that gives it away; the first group stays. */
const BEHIND: readonly RegExp[] = [
  // https://user:password@host, postgres://…
  /(\b[a-z][a-z0-9+.-]{1,30}:\/\/)[^\s/@'"]{1,200}@/gi,
  /(\b(?:Bearer|Basic|Digest|Negotiate)\s+)[\w.~+/=-]{8,}/gi,
  /(\b(?:set-)?cookie['"]?\s{0,3}[:=]\s{0,3}['"]?)[^\s'"][^\n'"]{3,}/gi,
  /(\bhooks\.slack\.com\/services\/)[\w/]{8,}/gi,
  /(\bdiscord(?:app)?\.com\/api\/webhooks\/)[\w/-]{8,}/gi,
  // A signed URL's parameters, an Azure connection string's parts.
  /([?&;](?:sig|signature|x-amz-signature|x-amz-credential|x-amz-security-token|access_token|code|key)=)[^\s&'"<>;]{6,}/gi,
  // A name, possibly as a subscript or a JSON key, and a quoted value, whose end may have been cut off.
  new RegExp(
    `(\\b${SECRET_NAME}['"\`]?\\s{0,3}\\]?\\s{0,3}(?:[:=]|=>)\\s{0,3}[rbfuRBFU]{0,2})(?:"""[\\s\\S]*?(?:"""|$)|"[^"\\n]+(?:"|$)|'[^'\\n]+(?:'|$)|\`[^\`\\n]+\`)`,
    'gi',
  ),
  // The same as two arguments; short values are rather words.
  new RegExp(`(['"\`]${SECRET_NAME}['"\`]\\s{0,3},\\s{0,3})(?:"[^"\\n]{12,}"|'[^'\\n]{12,}')`, 'gi'),
  // A command line's option.
  new RegExp(`(--${SECRET_NAME}[= ])[^\\s'"]{4,}`, 'gi'),
]

/** `API_KEY=abc123`: only a bare value with a digit in it, so that `token = next(tokens)` stays what it is. */
const BARE_VALUE = new RegExp(`(\\b${SECRET_NAME}\\s{0,3}[:=]\\s{0,3})([^\\s'"\`,;&()[\\]{}]{6,})(?![([.])`, 'gi')
/** Long runs of letters and digits: keys without a prefix. */
const LONG_RUN = /(?<![\w+-])[\w+-]{32,}={0,2}(?![\w+-])/g

export function redact(text: string): string {
  let result = text
  for (const form of FORMS) result = result.replace(form, REPLACEMENT)
  for (const behind of BEHIND) {
    result = result.replace(behind, (match, before: string) => before + REPLACEMENT + (match.endsWith('@') ? '@' : ''))
  }
  return result
    .replace(BARE_VALUE, (match, before: string, value: string) =>
      /\d/.test(value) && !value.startsWith(REPLACEMENT) ? before + REPLACEMENT : match,
    )
    .replace(LONG_RUN, (run) => (looksRandom(run) ? REPLACEMENT : run))
}

function looksRandom(run: string): boolean {
  if (/^[0-9a-f]+$/i.test(run)) return /\d/.test(run) && /[a-f]/i.test(run)
  return run.length >= 36 && /\d/.test(run) && /[a-z]/.test(run) && /[A-Z]/.test(run)
}
