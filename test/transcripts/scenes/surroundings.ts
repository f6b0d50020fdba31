import { call, programs, type Scene } from './scene.ts'

/** The other tools, and calls that are refused. */
export const SURROUNDINGS: Scene[] = [
  {
    name: 'system context',
    calls: [call('run_python', { code: 'open("data.csv", "w").write("a\\n1\\n")' }), call('get_system_context')],
  },
  {
    name: 'settings',
    calls: [
      call('configure', { action: 'list' }),
      call('configure', { action: 'get', key: 'default_timeout' }),
      call('configure', { action: 'set', key: 'default_timeout', value: '90' }),
      call('configure', { action: 'set', key: 'default_timeout', value: '100000' }),
      call('configure', { action: 'set', key: 'timeout', value: '9' }),
      call('configure', { action: 'reset', key: 'default_timeout' }),
    ],
  },
  {
    name: 'packages',
    calls: [
      call('pip_install', { package_name: 'tinypkg<2' }),
      call('pip_install', { package_name: 'tinypkg==7' }),
      call('pip_install', { package_name: 'no-such-package-xyz' }),
      call('pip_install', { package_name: '--index-url=http://example.com' }),
      call('pip_install', { package_name: 'reqeusts' }),
    ],
  },
  {
    name: 'packages that are blocked',
    calls: [
      call('configure', { action: 'set', key: 'blocked_packages', value: 'tinypkg' }),
      call('run_python', { code: 'import tinypkg' }),
      call('pip_install', { package_name: 'tinypkg' }),
    ],
  },
  programs(
    'arguments that are refused',
    { code: '' },
    { code: 'print(1)', timeout: 0 },
    { code: 'print(1)', timeout: 'soon' },
    { code: 'print(1)', files: { '../x': 'y' } },
  ),
  programs('arguments that are understood', {
    code: 'print(open("a.txt").read())',
    timeout: '60',
    files: '{"a.txt": "x"}',
    stdin: null,
  }),
  {
    name: 'unknown arguments',
    calls: [call('run_python', { code: 'print(1)', language: 'python' }), call('run_python', { program: 'print(1)' })],
  },
  { name: 'alias', calls: [call('run_python_stream', { code: 'print("streamed")' })] },
]
