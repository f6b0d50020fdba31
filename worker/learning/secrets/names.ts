/** Names that mark the value behind them as secret: `DB_PASS`, `clientSecret`, `X-Api-Key`, `aws_secret_access_key`. */

/** `password`: chosen by people, may be anything. `token`: made by machines; the word also means other things. */
export type SecretKind = 'password' | 'secret' | 'token' | 'authorization' | 'auth'

/** Words that may follow: `password_2`, `token_value`, `API_KEY_PROD`. Any other word changes the meaning: `token_count`, `secret_name`. */
const SUFFIX =
  's?(?:[_-]?(?:\\d{1,3}|v\\d{1,2}|id|key|value|raw|text|str|string|data|json|bytes|plain|plaintext|base64|b64|hex|hash|digest|enc|encrypted|old|new|prev|previous|current|backup|prod|production|dev|development|stage|staging|test|live|env|primary|secondary|main|root|admin|ro|rw)){0,2}$'
const PASSWORD = new RegExp(
  `(?:passw(?:or)?d|passphrase|passcode|pwd|(?<=^|[_.$-])(?:pass|pw|otp)|(?<=[a-z])Pass)${SUFFIX}`,
  'i',
)
const KEYS =
  'api|access|account|private|secret|signing|encryption|auth|master|shared|license|storage|session|subscription'
const SECRET = new RegExp(
  `(?:secret|(?:${KEYS})[_-]?key|jsessionid|phpsessid|sessionid|connect\\.sid|client-key-data|(?<=^|[_.$-])psk)${SUFFIX}`,
  'i',
)
const TOKEN = new RegExp(`(?:token|credential|(?<=^|[_.$-])jwt)${SUFFIX}`, 'i')
/** A key of these two words, which stand apart in prose: `API key: …`. */
const SPOKEN_KEY = new RegExp(`(?:^|[^A-Za-z])(?:${KEYS}) $`, 'i')

/** `name`: the last 60 characters of one, at most; `before`: what precedes it. */
export function kindOf(name: string, before: string): SecretKind | null {
  // The last word of a camel-case name has a capital; the case of the rest does not matter.
  if (/authorization$/i.test(name)) return 'authorization'
  if (PASSWORD.test(name) && !/(?:by|com|tres|sur)pass$/i.test(name)) return 'password'
  if (SECRET.test(name) || (/^keys?$/i.test(name) && SPOKEN_KEY.test(before))) return 'secret'
  if (TOKEN.test(name)) return 'token'
  return /(?:^|[_.$-])auth$/i.test(name) ? 'auth' : null
}
