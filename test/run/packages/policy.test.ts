import { expect, test } from 'vitest'
import { MODULES } from '../../../worker/run/packages/modules.ts'
import { KNOWN_PACKAGES } from '../../../worker/run/packages/known.ts'
import { judgeImport, judgePackage, packageForModule } from '../../../worker/run/packages/policy.ts'
import type { PackagePolicy } from '../../../worker/run/contract/step.ts'
import { packageRefusalWords } from '../../../worker/run/packages/refusal.ts'
import { isPackageName, normalName } from '../../../worker/run/packages/requirement.ts'
import { standardModule } from '../../../worker/run/packages/standard-library.ts'

const POLICY: PackagePolicy = { auto_install: true, allowed_packages: [], blocked_packages: [], network: 'open' }

function refusedImport(module: string, policy = POLICY) {
  const found = judgeImport(module, policy)
  if (!('refused' in found)) throw new Error(`${module} would install ${found.package}`)
  return { ...found.refused, words: packageRefusalWords(found.refused, policy.allowed_packages) }
}

test.each([
  ['requests', 'requests'],
  ['PIL', 'pillow'],
  ['sklearn', 'scikit-learn'],
  ['yaml', 'PyYAML'],
  ['bs4', 'beautifulsoup4'],
  ['cv2', 'opencv-python-headless'],
  ['google.cloud.storage', 'google-cloud-storage'],
  ['google.cloud.storage.blob', 'google-cloud-storage'],
  ['google.auth.transport.requests', 'google-auth'],
  ['google.oauth2.service_account', 'google-auth'],
  ['google.protobuf.json_format', 'protobuf'],
  ['azure.storage.blob.aio', 'azure-storage-blob'],
  ['azure.identity', 'azure-identity'],
  ['ruamel.yaml', 'ruamel.yaml'],
  ['zope.interface', 'zope-interface'],
  ['opentelemetry.sdk.trace', 'opentelemetry-sdk'],
  ['opentelemetry.trace', 'opentelemetry-api'],
  ['python_multipart', 'python_multipart'],
])('%s comes from %s', (module, name) => {
  expect(packageForModule(module)).toEqual({ package: name })
})

test.each(['google.cloud.unheard_of', '_private', '--index-url=x', 'a b', 'constructor.x', '', 'é', 'a'.repeat(300)])(
  '%j names no package',
  (module) => {
    expect(packageForModule(module)).toHaveProperty('refused')
  },
)

test('a name that every object has is a name like any other', () => {
  expect(packageForModule('constructor')).toEqual({ package: 'constructor' })
  expect(packageForModule('__proto__')).toHaveProperty('refused')
})

test('the table has more than a hundred entries, each with a package of another name', () => {
  expect(MODULES.size).toBeGreaterThan(100)
  for (const [module, name] of MODULES) {
    expect(isPackageName(name)).toBe(true)
    expect(normalName(name)).not.toBe(normalName(module))
    expect(judgeImport(module, POLICY)).toEqual({ package: name })
    expect(judgePackage(name, POLICY)).toBeNull()
  }
})

test('the known names are in normal form, several hundred, and none is of the standard library', () => {
  expect(KNOWN_PACKAGES.size).toBeGreaterThan(1000)
  for (const name of KNOWN_PACKAGES) {
    expect(normalName(name)).toBe(name)
    expect(standardModule(name), name).toBeNull()
    expect(judgePackage(name, POLICY), name).toBeNull()
  }
})

test.each([
  ['tomllib', 'tomli'],
  ['winreg', 'Windows-only'],
  ['distutils', 'setuptools'],
  ['imp', 'importlib'],
  ['asyncore', 'asyncio'],
  ['asynchat', 'asyncio'],
  ['smtpd', 'aiosmtpd'],
  ['cgi', 'legacy-cgi'],
  ['telnetlib', 'socket'],
  ['audioop', 'audioop-lts'],
  ['pipes', 'subprocess'],
  ['imghdr', 'filetype'],
  ['urllib2', 'urllib.request'],
  ['StringIO', 'io.StringIO'],
  ['ConfigParser', 'configparser'],
  ['Queue', 'queue'],
  ['Tkinter', 'tkinter'],
  ['tkinter', 'saved to a file'],
  ['asyncio', 'without installing'],
  ['JSON', 'json'],
  ['zoneinfo', 'backports.zoneinfo'],
])('%s of the standard library is never installed, and the reason names %s', (name, words) => {
  expect(refusedImport(name).words).toContain(words)
  const allowed = { ...POLICY, allowed_packages: [name] }
  expect(judgePackage(name, allowed)).toMatchObject({ why: 'standard' })
})

test.each([
  ['scikit_learn', 'sklearn'],
  ['beautifulsoup4', 'bs4'],
  ['opencv', 'cv2'],
  ['PyYAML', 'yaml'],
  ['python_docx', 'docx'],
  ['pytorch', 'torch'],
  ['Image', 'PIL'],
])('the module of "%s" is %s', (name, module) => {
  expect(refusedImport(name)).toMatchObject({ why: 'other_module', suggestion: module })
})

test.each([
  ['sklearn', 'scikit-learn'],
  ['cv2', 'opencv-python-headless'],
  ['PIL', 'pillow'],
  ['bs4', 'beautifulsoup4'],
  ['yaml', 'PyYAML'],
  ['pytorch', 'torch'],
  ['jwt', 'PyJWT'],
  ['dotenv', 'python-dotenv'],
])('the package of "%s" is %s', (name, meant) => {
  const refusal = judgePackage(name, POLICY)
  expect(refusal).toMatchObject({ why: 'other_package', suggestion: meant })
  expect(packageRefusalWords(refusal!)).toContain(`install "${meant}"`)
})

test.each(['utils', 'helpers', 'config', 'my_module'])('%s is taken for a file that was not written', (module) => {
  expect(refusedImport(module).words).toContain(`write ${module}.py first`)
})

test.each(['os.foo', 'pandas.foo', 'requests.missing.part'])('%s is a part of what is there', (module) => {
  expect(refusedImport(module)).toMatchObject({ why: 'part' })
})

test.each(['google', 'azure', 'google.cloud', 'azure.mgmt.unheard_of'])('%s alone names no package', (module) => {
  expect(refusedImport(module)).toMatchObject({ why: 'namespace' })
})

test.each([
  ['PIL', 'pillow'],
  ['PIL', 'Pillow'],
  ['yaml', 'pyyaml'],
  ['sklearn', 'Scikit_Learn'],
  ['sklearn', 'scikit.learn'],
  ['sklearn', 'sklearn'],
  ['ruamel.yaml', 'ruamel-yaml'],
])('import %s is blocked by "%s" on the list', (module, entry) => {
  expect(refusedImport(module, { ...POLICY, blocked_packages: [entry] })).toMatchObject({ why: 'blocked' })
})

test.each(['pillow', 'PILLOW', 'Pillow', 'pil-low'])('pip_install %s does not get around the block list', (name) => {
  expect(judgePackage(name, { ...POLICY, blocked_packages: ['pillow', 'pil.low'] })).toMatchObject({
    why: 'blocked',
  })
})

test('an allow list allows what is on it, in any spelling, and nothing else', () => {
  const policy = { ...POLICY, allowed_packages: ['Scikit_Learn', 'pandas'] }
  expect(judgeImport('sklearn', policy)).toEqual({ package: 'scikit-learn' })
  expect(judgePackage('scikit.learn', policy)).toBeNull()
  expect(refusedImport('numpy', policy)).toMatchObject({ why: 'not_allowed' })
  expect(judgePackage('numpy', policy)).toMatchObject({ why: 'not_allowed' })
})

test('a name on the allow list is never a look-alike; with * everything else is allowed as before', () => {
  expect(judgePackage('requestz', POLICY)).toMatchObject({ why: 'look_alike', suggestion: 'requests' })
  const policy = { ...POLICY, allowed_packages: ['*', 'requestz', 'jwt'] }
  expect(judgePackage('requestz', policy)).toBeNull()
  expect(judgeImport('requestz', policy)).toEqual({ package: 'requestz' })
  expect(judgePackage('jwt', policy)).toBeNull()
  expect(judgePackage('numpy', policy)).toBeNull()
  expect(judgePackage('reqeusts', policy)).toMatchObject({ why: 'look_alike' })
})

test('the words of a look-alike say how to insist without forbidding the rest', () => {
  const refusal = judgePackage('requestz', POLICY)!
  expect(packageRefusalWords(refusal, [])).toContain('set allowed_packages to "*, requestz"')
  expect(packageRefusalWords(refusal, ['pandas'])).toContain('set allowed_packages to "pandas, requestz"')
})

test('the block list wins over the allow list', () => {
  expect(
    judgePackage('pandas', { ...POLICY, allowed_packages: ['pandas'], blocked_packages: ['pandas'] }),
  ).toMatchObject({
    why: 'blocked',
  })
})

test('under the network policy off nothing is installed, and that is the reason', () => {
  const policy = { ...POLICY, network: 'off' as const }
  expect(refusedImport('yaml', policy)).toMatchObject({
    why: 'network_off',
    words: expect.stringMatching(
      /"yaml" is not installed: .*network policy is "off".*Next: .*"packages" with configure/,
    ),
  })
  expect(judgePackage('pandas', policy)).toMatchObject({ why: 'network_off' })
  expect(judgePackage('pandas', { ...policy, blocked_packages: ['pandas'] })).toMatchObject({ why: 'blocked' })
  expect(judgePackage('pandas', { ...POLICY, network: 'packages' })).toBeNull()
})

test('with auto_install off the reason names the package to install', () => {
  const policy = { ...POLICY, auto_install: false }
  expect(refusedImport('yaml', policy).words).toContain('pip_install with "PyYAML"')
  expect(refusedImport('reqeusts', policy)).toMatchObject({ why: 'look_alike' })
})

test('letters of another alphabet are named and the plain name suggested', () => {
  expect(refusedImport('rеquests')).toMatchObject({ why: 'not_a_name', suggestion: 'requests' })
  expect(refusedImport('уaml')).toMatchObject({ why: 'not_a_name', suggestion: 'yaml' })
})
