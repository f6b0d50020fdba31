/** The bearer token of the local user. */
import { appendFileSync, chmodSync, existsSync, readFileSync } from 'node:fs'
import { randomBytes } from 'node:crypto'
import { parseEnv } from 'node:util'

/** DEV_TOKEN of the environment, else of this file; '' when there is none. */
export function devToken(file: string): string {
  const given = process.env['DEV_TOKEN']
  if (given) return given
  return (existsSync(file) && parseEnv(readFileSync(file, 'utf8'))['DEV_TOKEN']) || ''
}

/** Returns the same token; when there is none, a random one is added to the file, which is then its user's alone. */
export function ensureDevToken(file: string): string {
  const known = devToken(file)
  if (existsSync(file)) chmodSync(file, 0o600)
  if (known !== '') return known
  const token = randomBytes(24).toString('hex')
  const text = existsSync(file) ? readFileSync(file, 'utf8') : ''
  const separator = text === '' || text.endsWith('\n') ? '' : '\n'
  appendFileSync(file, `${separator}DEV_TOKEN=${token}\n`, { mode: 0o600 })
  return token
}
