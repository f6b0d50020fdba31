import { expect, test } from 'vitest'
import { packageForModule } from '../../worker/run/packages.ts'

test.each([
  ['requests', 'requests'],
  ['PIL', 'pillow'],
  ['sklearn', 'scikit-learn'],
  ['yaml', 'PyYAML'],
  ['bs4', 'beautifulsoup4'],
  ['google.cloud.storage', 'google-cloud-storage'],
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
})
