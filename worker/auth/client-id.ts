/** Client ids: of registered clients, and addresses of client ID metadata documents. */

/** Whether a text may be a client id: visible ASCII without a password, as it is logged when it leads to nothing. */
export function isClientId(text: string): boolean {
  if (!/^[\x21-\x7e]{1,400}$/.test(text)) return false
  if (!URL.canParse(text)) return true
  const { username, password } = new URL(text)
  return username === '' && password === ''
}
