import { expect, test } from 'vitest'
import { holdsPrivateKey, isSecretPath } from '../../worker/files/secrets.ts'

test.each([
  '.env',
  'app/.env',
  '.env.local',
  '.ENV.production',
  'prod.env',
  'id_rsa',
  'deep/er/id_ed25519',
  'id_rsa.bak',
  'server.pem',
  'tls/private.key',
  'cert.p12',
  'cert.PFX',
  '.netrc',
  '_netrc',
  '.npmrc',
  '.pypirc',
  '.git-credentials',
  'credentials',
  'Credentials.json',
  '.aws/config',
  'home/.ssh/known_hosts',
  '.kube/config',
  '.docker/config.json',
  'client_secret_123.json',
  'service-account-prod.json',
  'secrets.toml',
  'tokens.json',
  'cookies.txt',
  'passwords.kdbx',
  '.dev.vars',
  'terraform.tfstate',
])('%s is never attached', (path) => {
  expect(isSecretPath(path)).toBe(true)
})

test.each([
  '.env.example',
  'id_rsa.pub',
  'environment.txt',
  'env.py',
  'keys.csv',
  'monkey.png',
  'secretary.md',
  'tokenizer.json',
  'chart.png',
  'ssh/readme.md',
  '',
])('%j is a file like any other', (path) => {
  expect(isSecretPath(path)).toBe(false)
})

test.each([
  ['-----BEGIN PRIVATE KEY-----\nMII', true],
  ['x\n-----BEGIN OPENSSH PRIVATE KEY-----', true],
  ['-----BEGIN CERTIFICATE-----\n…\n-----BEGIN RSA PRIVATE KEY-----', true],
  ['-----BEGIN CERTIFICATE-----', false],
  ['a PRIVATE KEY', false],
  ['', false],
])('%j holds a private key: %s', (text, expected) => {
  expect(holdsPrivateKey(text)).toBe(expected)
})
