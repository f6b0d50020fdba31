/** Files that look like they hold secrets: never attached to a result, whoever made them. The name alone decides. */

/** Whole names, lower case. */
const NAMES = new Set([
  '.env',
  '.envrc',
  '.dev.vars',
  '.netrc',
  '_netrc',
  '.pgpass',
  '.my.cnf',
  '.npmrc',
  '.pypirc',
  '.git-credentials',
  '.htpasswd',
  '.dockercfg',
  '.s3cfg',
  '.boto',
  '.bash_history',
  '.zsh_history',
  '.python_history',
  'credentials',
  'credentials.json',
  'credentials.yaml',
  'credentials.yml',
  'credentials.csv',
  'credentials.txt',
  'credentials.db',
  'application_default_credentials.json',
  'client_secret.json',
  'secrets.json',
  'secrets.yaml',
  'secrets.yml',
  'secrets.toml',
  'secrets.env',
  'secrets.txt',
  'token.json',
  'tokens.json',
  'token.pickle',
  'cookies.txt',
  'cookies.sqlite',
  'kubeconfig',
  'wallet.dat',
  'shadow',
  'terraform.tfstate',
])
const EXTENSIONS = ['.pem', '.key', '.p12', '.pfx', '.jks', '.keystore', '.kdbx', '.ppk', '.asc', '.gpg', '.env']
const BEGINNINGS = [
  '.env.',
  'id_rsa',
  'id_dsa',
  'id_ecdsa',
  'id_ed25519',
  'client_secret',
  'service-account',
  'service_account',
]
/** Folders in which tools keep secrets. */
const FOLDERS = new Set(['.ssh', '.aws', '.azure', '.gnupg', '.kube', '.docker', 'gcloud'])
/** Endings of files made to be shown, in spite of their beginning or extension. */
const HARMLESS = ['.pub', '.example', '.sample', '.template', '.dist']

/** Returns whether a file's path, with `/`, looks like one that holds a secret. */
export function isSecretPath(path: string): boolean {
  const parts = path.toLowerCase().split('/')
  const name = parts.pop() ?? ''
  if (parts.some((part) => FOLDERS.has(part))) return true
  if (HARMLESS.some((end) => name.endsWith(end))) return false
  return (
    NAMES.has(name) ||
    EXTENSIONS.some((end) => name.endsWith(end)) ||
    BEGINNINGS.some((beginning) => name.startsWith(beginning))
  )
}

/** Returns whether a text holds a private key (RFC 7468, section 10, and its older relatives). */
export function holdsPrivateKey(text: string): boolean {
  for (let at = text.indexOf('-----BEGIN '); at >= 0; at = text.indexOf('-----BEGIN ', at + 1)) {
    if (text.slice(at, at + 64).includes('PRIVATE KEY')) return true
  }
  return false
}
