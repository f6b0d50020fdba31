import { cloudflareTest } from '@cloudflare/vitest-plugin'
import { defineConfig } from 'vitest/config'

/** Programs and servers really start: generous, as these limits are only there to end what hangs. */
const PATIENCE = { testTimeout: 120_000, hookTimeout: 180_000, expect: { poll: { timeout: 20_000 } } }

/** No test sends so many: those of limits set their own. */
const REQUESTS_PER_MINUTE = '1000000'

const tests = (...folders: string[]) => folders.map((folder) => `${folder}/**/*.test.ts`)

/** How many inputs the properties try together, and from which seed: `npm run fuzz`. */
const provide = {
  fuzz: {
    runs: Number(process.env['FUZZ_RUNS'] ?? 10_000),
    seed: Number(process.env['FUZZ_SEED'] ?? 14),
  },
}

export default defineConfig({
  root: import.meta.dirname,
  test: {
    reporters: process.env['CI'] ? ['default', ['json', { outputFile: '../test-results.json' }]] : ['default'],
    projects: [
      {
        test: {
          // What starts no process of ours and needs no platform: the answer while one writes.
          name: 'pure',
          include: [...tests('run', 'settings', 'learning', 'files', 'text', 'mcp', 'auth'), 'waiting.test.ts'],
          ...PATIENCE,
        },
      },
      {
        test: {
          name: 'node',
          include: tests('container', 'deploy', 'lint', 'trust'),
          ...PATIENCE,
        },
      },
      {
        test: {
          name: 'runner',
          provide,
          include: ['runner/**/*.test.ts'],
          globalSetup: ['./support/global-setup.ts'],
          ...PATIENCE,
        },
      },
      {
        plugins: [
          cloudflareTest(({ inject }) => ({
            wrangler: { configPath: '../wrangler.toml' },
            miniflare: {
              bindings: {
                RUNNER_URL: inject<string>('runnerUrl'),
                RUNNER_TOKEN: inject<string>('runnerToken'),
                DEV_TOKEN: 'session-tests',
                ALLOWED_USERS: '*',
                REQUESTS_PER_MINUTE,
                ...(process.env['ISOLATION_CALLS'] && { ISOLATION_CALLS: process.env['ISOLATION_CALLS'] }),
                ...(process.env['ALL_ODD_VALUES'] && { ALL_ODD_VALUES: process.env['ALL_ODD_VALUES'] }),
              },
            },
          })),
        ],
        test: {
          name: 'session',
          provide,
          include: ['session/**/*.test.ts'],
          globalSetup: ['./support/session-setup.ts'],
          ...PATIENCE,
        },
      },
      {
        plugins: [
          cloudflareTest(({ inject }) => ({
            wrangler: { configPath: './sandbox/wrangler.toml' },
            miniflare: {
              bindings: {
                CONTAINER_HOST: inject<string>('containerHost'),
                DEV_TOKEN: 'sandbox-tests',
                ALLOWED_USERS: '*',
                REQUESTS_PER_MINUTE,
              },
            },
          })),
        ],
        test: {
          name: 'sandbox',
          // Its containers are processes, which are found by /proc.
          include: process.platform === 'linux' ? ['sandbox/**/*.test.ts'] : [],
          globalSetup: ['./support/sandbox-setup.ts'],
          ...PATIENCE,
        },
      },
      {
        test: {
          name: 'container',
          include: ['in-container/**/*.test.ts'],
          globalSetup: ['./support/container-image.ts'],
          ...PATIENCE,
        },
      },
      {
        test: {
          name: 'clients',
          include: ['clients/**/*.test.ts'],
          globalSetup: ['./clients/install.ts'],
          ...PATIENCE,
          // What a Python framework imports is a gigabyte, which a machine reads for the first time.
          testTimeout: 180_000,
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['e2e/**/*.test.ts', 'conformance/**/*.test.ts', 'transcripts/**/*.test.ts'],
          globalSetup: ['./support/e2e-setup.ts'],
          ...PATIENCE,
        },
      },
    ],
  },
})
