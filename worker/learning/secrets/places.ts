/** Secrets that are known by their place, other than behind a name: the first group stays. */

const TEXT = String.raw`(?:"[^"\n]{0,200}"|'[^'\n]{0,200}')`
const QUOTED = String.raw`(?:"[^"\n]{1,400}(?:"|$)|'[^'\n]{1,400}(?:'|$))`
/** A value on a command line, possibly in the next line. */
const ARGUMENT = String.raw`[ \t]{0,8}(?:\\\n[ \t]{0,80})?`
export const PLACES: readonly RegExp[] = [
  // https://user:password@host, postgres://…; not git@, which everybody is. A password may have an @ in it.
  /((?<![a-z0-9+.-])[a-z][a-z0-9+.-]{1,30}:\/\/)(?!git@|\[)[^\s/'"?#<>]{1,200}@/gi,
  /(\b(?:set-)?cookie['"]?\s{0,3}[:=]\s{0,3}['"]?)(?=[\w.!#$%&*+^|~-]{1,80}=)[^\n'"]{4,}/gi,
  // The parameters of a signed URL, and the parts of an Azure connection string. Short ones are words.
  /([?&;](?:sig|signature|x-amz-signature|x-amz-credential|x-amz-security-token|x-goog-signature|x-goog-credential|access_token|id_token|refresh_token|client_secret|api_?key|password|passwd|pwd|secret|token)=)[^\s&'"<>;]{4,}/gi,
  /([?&](?:code|key|auth|t|k)=)(?=(?:[^\s&'"<>;%\d]|%[0-9A-Fa-f]{2}){0,80}\d)[^\s&'"<>;]{16,}/gi,
  // Webhooks, whose address is the secret.
  /(\bhooks\.slack\.com\/(?:services|workflows|triggers)\/)[\w/]{8,400}/gi,
  /(\bdiscord(?:app)?\.com\/api\/webhooks\/)[\w/-]{8,400}/gi,
  /(\bwebhook\.office\.com\/webhookb2\/)[\w/@-]{8,400}/gi,
  /(\bhooks\.zapier\.com\/hooks\/catch\/)[\w/]{8,400}/gi,
  // A scheme and a token with digits, capitals within, or padding: "bearer credentials" have none.
  /(\b(?:[Bb]earer|BEARER|Digest|Negotiate)[ \t]{1,8})(?=[\w.~+/-]{0,80}(?:\d|[a-z][A-Z]|={1,2}(?![\w'"])))[\w.~+/=-]{8,}/g,
  // Base64 of a user and a password, which has more capitals than a name ("Basic ProxyAgent") and no dot ("a basic HTTP/1.1 client").
  /(\b(?:[Bb]asic|BASIC)[ \t]{1,8})(?=[A-Za-z+/]{0,80}[\d=]|[A-Z+/]{0,20}[a-z]{1,20}[A-Z][A-Z+/]{0,20}[a-z]{1,20}[A-Z])[A-Za-z0-9+/=]{12,}(?![\w.])/g,
  // ("user", "password") of calls that sign in; of WordPress.
  new RegExp(
    String.raw`((?:\bauth\s{0,3}=\s{0,3}\(|\b(?:HTTP)?(?:Basic|Digest|Proxy)Auth\(|\blogin\(|\bUsernamePassword\w{0,20}\()\s{0,8}(?:${TEXT}|[\w.]{1,80})\s{0,3},\s{0,8})${QUOTED}`,
    'g',
  ),
  // CREATE USER x IDENTIFIED BY '…', WITH PASSWORD '…'; the password "…"
  new RegExp(String.raw`(\b(?:IDENTIFIED BY|PASSWORD|[Pp]assword|[Pp]assphrase)\s{1,8})${QUOTED}`, 'g'),
  // kubectl create secret --from-literal=password=…, helm --set db.password=…
  /((?:--from-literal=|--set(?:-string)?[ =])[\w.-]{0,80}(?:password|passwd|pwd|secret|token|key)=)[^\s,]{1,400}/gi,
  // curl -u user:…, mysql -p…, sshpass -p …, redis-cli -a …, docker login -p …, zip -P …, openssl -passin pass:…
  new RegExp(
    String.raw`(\b(?:curl|https?)\b(?:[^\n|;\\]|\\[\s\S]){0,400}?\s(?:-[uUa]|--user|--auth|--proxy-user)(?:=|${ARGUMENT})['"]?[^\s:'"]{1,100}:)(?![{$<%])[^\s'"]{1,400}`,
    'g',
  ),
  /(\b(?:mysql|mysqldump|mysqladmin|mysqlimport|mariadb|mariadb-dump)\b(?:[^\n|;\\]|\\[\s\S]){0,200}?\s-p)(?!\s)['"]?(?![{$<%])[^\s'"]{3,400}/g,
  new RegExp(
    String.raw`(\b(?:sshpass|docker login|podman login|helm registry login|az login|zip|unzip)\b(?:[^\n|;\\]|\\[\s\S]){0,200}?\s-[pP]${ARGUMENT})['"]?[^\s'"{$<%-][^\s'"]{2,400}`,
    'g',
  ),
  new RegExp(
    String.raw`(\b(?:redis-cli|mongo|mongosh|ldapsearch|ldapmodify)\b(?:[^\n|;\\]|\\[\s\S]){0,200}?\s-[apw]${ARGUMENT})['"]?[^\s'"{$<%-][^\s'"]{2,400}`,
    'g',
  ),
  /(\b7z[az]?\b(?:[^\n|;\\]|\\[\s\S]){0,200}?\s-p)(?!\s)['"]?(?![{$<%])[^\s'"]{3,400}/g,
  /(\bopenssl\b(?:[^\n|;\\]|\\[\s\S]){0,200}?\s-k[ \t]{1,8})['"]?(?![{$<%-])[^\s'"]{3,400}/g,
  /(\bsqlplus[ \t]{1,8}(?:-\w{1,8}[ \t]{1,8}){0,4}\w{1,60}\/)[^\s'"@]{1,400}/g,
  // setx API_KEY …, aws configure set aws_secret_access_key …, #define API_KEY "…"
  /((?:\bsetx|\bset[ \t]-\w{1,3}|\bconfigure[ \t]set|#define)[ \t]{1,8}[\w.]{0,60}(?:key|token|secret|password|passwd)[ \t]{1,8})(?!\$)\S{1,400}/gi,
  /(\bdefine\(\s{0,3}['"]\w{0,40}(?:PASSWORD|KEY|SALT|SECRET|TOKEN)['"]\s{0,3},\s{0,3})(?:"[^"\n]{1,400}"|'[^'\n]{1,400}')/g,
  /(\s-pass(?:in|out)?[ \t]{1,8}['"]?pass:)[^\s'"]{1,400}/g,
  /(\s-(?:storepass|keypass|srcstorepass|deststorepass)[ \t]{1,8})[^\s'"]{3,400}/g,
  /(\bsmbclient\b(?:[^\n|;\\]|\\[\s\S]){0,200}?-U[ \t]{0,8}[^\s%]{1,100}%)[^\s'"]{1,400}/g,
  // .netrc; .pgpass; .htpasswd has a hash, see forms.ts.
  /(\b(?:machine\s{1,40}\S{1,200}|default)\s{1,40}login\s{1,40}\S{1,200}\s{1,40}password\s{1,40})(?![{$<%])\S{1,400}/g,
  /((?<![\w.*:-])(?:localhost|\*|[\w-]{1,60}(?:\.[\w-]{1,60}){1,8}):(?:\d{4,5}|\*):[\w*-]{1,60}:[\w*-]{1,60}:)[^\s:'"]{3,400}/g,
  // Before END PRIVATE KEY, where the beginning was cut off.
  /()(?<![A-Za-z0-9+/=\n-])(?:[A-Za-z0-9+/=]{16,80}\n){1,100}(?=-----END [A-Z0-9 ]{0,40}PRIVATE KEY)/g,
]
