/** Facts about each setting, read off the one schema: for the tool, the page of settings and the form. */
import * as z from 'zod'
import {
  type Capabilities,
  DEFAULTS,
  SETTING_KEYS,
  type Overrides,
  type SettingKey,
  settingsSchema,
  type SettingValue,
} from './settings.ts'

/** Notation of a value. */
type Form = 'boolean' | 'integer' | 'choice' | 'list' | 'name'

interface SettingFacts {
  form: Form
  /** The valid values, in words: `1 to 900 s`. */
  range: string
  description: string
  /** `bytes`: sizes may be written with KiB and MiB. */
  unit: string | undefined
}

/** The original's name for the image, which is chosen when the server is deployed. */
export const IMAGE_KEY = 'docker_image'

const jsonProperty = z.object({
  type: z.enum(['string', 'integer', 'boolean', 'array']),
  enum: z.array(z.string()).optional(),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
  maxItems: z.number().optional(),
  description: z.string(),
  unit: z.string().optional(),
})

const properties = z
  .object({ properties: z.record(z.string(), jsonProperty) })
  .parse(z.toJSONSchema(settingsSchema, { io: 'input' })).properties

/** JSON schema of the settings, each with its default: what a form is made of. */
export const SETTINGS_JSON_SCHEMA = {
  type: 'object',
  properties: Object.fromEntries(
    SETTING_KEYS.map((key) => [key, { ...jsonProperty.parse(properties[key]), default: DEFAULTS[key] }]),
  ),
}

const FACTS = new Map(SETTING_KEYS.map((key) => [key, factsOf(jsonProperty.parse(properties[key]))]))

export function settingFacts(key: SettingKey): SettingFacts {
  return FACTS.get(key)!
}

function factsOf(property: z.infer<typeof jsonProperty>): SettingFacts {
  const { type, minimum = 0, maximum = 0, maxItems = 0, description, unit } = property
  switch (type) {
    case 'boolean':
      return { form: 'boolean', range: 'true or false', description, unit }
    case 'integer': {
      const range =
        unit === 'bytes'
          ? `${sizeWords(minimum)} to ${sizeWords(maximum)}`
          : `${minimum} to ${maximum}${unit ? ` ${unit}` : ''}`
      return { form: 'integer', range, description, unit }
    }
    case 'array':
      return { form: 'list', range: `a list of at most ${maxItems} names`, description, unit }
    case 'string':
      if (property.enum === undefined) return { form: 'name', range: 'a name such as Europe/Berlin', description, unit }
      return { form: 'choice', range: property.enum.join(', '), description, unit }
  }
}

/** One setting as a client sees it. `changed`: by the user; else `value` is the default. */
export interface ShownSetting {
  key: string
  value: string | number | boolean | string[] | null
  default: SettingValue | null
  range: string
  changed: boolean
  description: string
}

export function shownSettings(overrides: Overrides, { executor, image }: Capabilities): ShownSetting[] {
  const shown: ShownSetting[] = SETTING_KEYS.map((key) => ({
    key,
    value: overrides.get(key) ?? DEFAULTS[key],
    default: DEFAULTS[key],
    range: settingFacts(key).range,
    changed: overrides.has(key),
    description: settingFacts(key).description,
  }))
  const description =
    executor === 'local'
      ? 'The image is chosen when a server is deployed; this one runs programs without any image, on its own machine.'
      : 'The image in use. It is chosen when the server is deployed.'
  shown.push({ key: IMAGE_KEY, value: image ?? null, default: null, range: 'view only', changed: false, description })
  return shown
}

/** A value in the notation that `configure` takes. */
export function valueWords(key: string, value: ShownSetting['value']): string {
  if (value === null) return 'none'
  if (Array.isArray(value)) return value.length === 0 ? '[]' : value.join(', ')
  const setting = SETTING_KEYS.find((each) => each === key)
  const isSize = setting !== undefined && settingFacts(setting).unit === 'bytes'
  return isSize ? sizeWords(Number(value)) : String(value)
}

/** A number of bytes: `10 MiB`, `64 KiB`, `70000 bytes`. */
function sizeWords(bytes: number): string {
  if (bytes % 1024 ** 2 === 0) return `${bytes / 1024 ** 2} MiB`
  return bytes % 1024 === 0 ? `${bytes / 1024} KiB` : `${bytes} bytes`
}
