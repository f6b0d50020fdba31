/**
 * The settings of a user. One schema gives their types, their validation, their texts in `configure` and `codemode://config`, and the table
 * in docs/settings.md. Texts become values in `setting-text.ts`.
 */
import * as z from 'zod'
import { MAX_RETRIES, MAX_TIMEOUT_S, MIN_ANSWER_S, MIN_TIMEOUT_S } from '../run/contract/bounds.ts'
import { canonicalHost, isPrivateHost } from '../run/network/addresses.ts'
import { EVERYTHING } from '../run/packages/policy.ts'
import { isPackageName, normalName } from '../run/packages/requirement.ts'
import { timeZoneName } from './time-zone.ts'

const KIB = 1024
const MIB = 1024 * KIB
/** Most names in one list. */
export const MAX_LIST = 200

const packageName = z
  .string()
  .refine(isPackageName, { error: 'must be the plain name of a package, without versions, such as "pandas"' })
  .transform(normalName)
const packageNames = (item: z.ZodType<string, string>) =>
  z
    .array(item)
    .max(MAX_LIST)
    .transform((names) => [...new Set(names)])

/** A DNS name, or `*.` and one: `api.example.com`, `*.example.com`. */
const hostName = z
  .string()
  .max(253)
  .toLowerCase()
  .regex(/^(?:\*\.)?(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/, {
    error: 'must be the name of a host, without scheme, port and path, such as "api.example.com"',
  })
  .refine((host) => !isPrivateHost(canonicalHost(host.replace(/^\*\./, 'any.')) ?? ''), {
    error: 'is a private name or address, which no program may reach',
  })

/** Without defaults: a schema that fills them in would make every default look like a choice of the user. */
export const settingsSchema = z.strictObject({
  execution_mode: z
    .enum(['auto', 'sandbox', 'local'])
    .describe(
      'Where programs run. `auto` takes what this server has; `docker` and `direct` are old names of `sandbox` and `local`.',
    ),
  default_timeout: z
    .int()
    .min(MIN_TIMEOUT_S)
    .max(MAX_TIMEOUT_S)
    .meta({ unit: 's' })
    .describe('How long a program may run when the call does not say.'),
  answer_within: z
    .int()
    .min(MIN_ANSWER_S)
    .max(MAX_TIMEOUT_S)
    .meta({ unit: 's' })
    .describe(
      'A call whose program runs for longer is answered with what there is so far, and the program goes on. Hosts that are known to wait get their answer at the end, unless this is set.',
    ),
  max_retries: z
    .int()
    .min(0)
    .max(MAX_RETRIES)
    .describe('Runs after the first one that `run_with_retry` makes at most.'),
  auto_install: z.boolean().describe('Install packages that a program imports and that are missing.'),
  allowed_packages: packageNames(z.union([z.literal(EVERYTHING), packageName])).describe(
    'The only packages that may be asked for; none: all may. A name beside `*` is trusted without forbidding others.',
  ),
  blocked_packages: packageNames(packageName).describe(
    'Packages that may not be asked for, whatever else allows them. What other packages bring with them is not looked at.',
  ),
  network: z
    .enum(['open', 'packages', 'off'])
    .describe(
      'What programs may reach: everything public, only the package index, nothing. To or from `open` the sandbox starts anew.',
    ),
  allowed_hosts: z
    .array(hostName)
    .max(MAX_LIST)
    .transform((names) => [...new Set(names)])
    .describe(
      'Hosts that programs may reach over HTTP(S) although `network` does not let them; `*.` stands for any below.',
    ),
  max_output_bytes: z
    .int()
    .min(64 * KIB)
    .max(64 * MIB)
    .meta({ unit: 'bytes' })
    .describe('Output of a program, both streams together; beyond it output is counted and dropped.'),
  time_zone: z
    .string()
    .max(64)
    .transform((text, ctx) => {
      const name = timeZoneName(text)
      if (name === null) ctx.addIssue({ code: 'custom', message: 'is not the name of a time zone' })
      return name ?? z.NEVER
    })
    .describe('Time zone of programs (TZ), by its IANA name.'),
  max_parallel_runs: z.int().min(1).max(8).describe('Programs and installations that run at once; the next ones wait.'),
})
export type Settings = z.output<typeof settingsSchema>
export type SettingKey = keyof Settings
export type SettingValue = Settings[SettingKey]

/** Settings that a user changed. Values are checked, each for itself. */
export type Overrides = ReadonlyMap<SettingKey, SettingValue>

export function effectiveSettings(overrides: Overrides): Settings {
  return settingsSchema.parse({ ...DEFAULTS, ...Object.fromEntries(overrides) })
}

/** Defaults, apart from any stored value, so that a better default reaches everyone. */
export const DEFAULTS: Readonly<Settings> = {
  execution_mode: 'auto',
  // Not 60: many clients give up after 60 s, and the caller shall get the partial output.
  default_timeout: 50,
  answer_within: 50,
  max_retries: 3,
  auto_install: true,
  allowed_packages: [],
  blocked_packages: [],
  network: 'open',
  allowed_hosts: [],
  max_output_bytes: 10 * MIB,
  time_zone: 'UTC',
  max_parallel_runs: 2,
}

export const SETTING_KEYS: readonly SettingKey[] = settingsSchema.keyof().options

export function isSettingKey(key: string): key is SettingKey {
  return Object.hasOwn(settingsSchema.shape, key)
}

/** Limits of this server's settings, the same for every user. */
export interface Capabilities {
  executor: 'local' | 'sandbox'
  /** The container image that programs run in; a local runner has none. */
  image?: string
  /** Most programs at once that the operator allows each user; unset: no limit but the setting's. */
  parallelRuns?: number
}

/** The reason why this server cannot enforce a valid value, or null. A limit that nothing enforces would be worse than none. */
export function unenforceable(
  key: SettingKey,
  value: SettingValue,
  { executor, parallelRuns = Infinity }: Capabilities,
): string | null {
  if (key === 'max_parallel_runs' && Number(value) > parallelRuns) {
    return `this server allows each user ${parallelRuns} at once`
  }
  if (key === 'execution_mode' && value !== 'auto' && value !== executor) {
    return executor === 'local'
      ? 'this server runs programs on its own machine and has no sandbox'
      : 'this server runs programs in its sandbox and has no local runner'
  }
  const restricts =
    (key === 'network' && value !== 'open') || (key === 'allowed_hosts' && Array.isArray(value) && value.length > 0)
  return restricts && executor === 'local'
    ? 'programs run as your own user on this machine, whose network nothing here can restrict'
    : null
}
