/** The `configure` tool. */
import type { CallToolResult, McpServer } from '@modelcontextprotocol/server'
import * as z from 'zod'
import { RunnerError } from '../../run/contract/errors.ts'
import { requestErrorWords } from '../../run/words/platform.ts'
import { type ShownSetting, shownSettings, valueWords } from '../../settings/facts.ts'
import { MAX_KEY_CHARS, MAX_VALUE_CHARS, notASetting, parseSetting } from '../../settings/setting-text.ts'
import { isSettingKey, SETTING_KEYS } from '../../settings/settings.ts'
import { toolArguments } from '../arguments/arguments.ts'
import { boundedText } from '../arguments/bounded-text.ts'
import type { SettingsCaller } from '../caller.ts'
import { refusedResult, toolResult } from '../results/tool-result.ts'

/** The one key beside the settings, for `reset`. */
const WORKSPACE = 'workspace'

const inputSchema = toolArguments({
  action: z.enum(['view', 'set', 'reset']).default('view').describe('reset: one, or all, back to the default.'),
  key: boundedText(MAX_KEY_CHARS).default('').describe('As view lists them. Empty: all.'),
  value: boundedText(MAX_VALUE_CHARS).default('').describe('As text: 90, off, 16 MiB, "pandas, numpy".'),
})

export function registerConfigure(server: McpServer, caller: SettingsCaller): void {
  server.registerTool(
    'configure',
    {
      title: 'Settings',
      description: `Shows and changes the user's settings, for this and all later sessions. Change one only when the user wants it so. \
action "reset" with key "${WORKSPACE}" and value "yes" deletes every file and package of the working folder.`,
      inputSchema,
      annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: true, openWorldHint: false },
    },
    ({ action, key, value }) => {
      switch (action) {
        case 'view':
          return view(caller, key)
        case 'set':
          return set(caller, key, value)
        case 'reset':
          return key === WORKSPACE ? resetWorkspace(caller, value) : reset(caller, key)
      }
    },
  )
}

function view(caller: SettingsCaller, key: string): CallToolResult {
  const all = shownSettings(caller.changedSettings(), caller.capabilities())
  if (key === '') {
    const changed = all.filter((setting) => setting.changed).length
    return answer(`${all.length} settings, ${changed === 0 ? 'all at their defaults' : `${changed} changed`}.`, all)
  }
  const one = all.filter((setting) => setting.key === key)
  return one.length > 0 ? answer(`The setting ${key}.`, one) : refusedResult(notASetting(key))
}

function set(caller: SettingsCaller, key: string, value: string): CallToolResult {
  if (key === WORKSPACE) return refusedResult('The workspace cannot be set, only reset.')
  const parsed = parseSetting(key, value, caller.capabilities())
  if ('refused' in parsed) return refusedResult(parsed.refused)
  caller.setSetting(parsed.key, parsed.value)
  return answer(`Set ${key} to ${valueWords(key, parsed.value)}.`, shown(caller, [key]))
}

function reset(caller: SettingsCaller, key: string): CallToolResult {
  if (key === '') {
    caller.resetSettings()
    return answer('All settings are at their defaults.', shown(caller, SETTING_KEYS))
  }
  if (!isSettingKey(key)) return refusedResult(notASetting(key))
  caller.resetSetting(key)
  return answer(`${key} is at its default.`, shown(caller, [key]))
}

async function resetWorkspace(caller: SettingsCaller, value: string): Promise<CallToolResult> {
  if (value.trim().toLowerCase() !== 'yes') {
    return refusedResult(
      'Nothing was deleted. Resetting the workspace deletes all files and packages in it. Next: when the user wants that, call again with the value "yes".',
    )
  }
  try {
    const { files, packages } = await caller.resetWorkspace()
    return answer(`The workspace is empty: ${files} files and ${packages} packages were deleted.`, [])
  } catch (error) {
    // A runner that does not answer may still do it when it goes on.
    const isKnown = !(error instanceof RunnerError && error.code === 'unreachable')
    const what = isKnown ? 'Nothing was deleted.' : 'Whether anything was deleted is not known: list the files.'
    return refusedResult(requestErrorWords(error, what))
  }
}

function shown(caller: SettingsCaller, keys: readonly string[]): ShownSetting[] {
  return shownSettings(caller.changedSettings(), caller.capabilities()).filter(({ key }) => keys.includes(key))
}

function answer(message: string, settings: ShownSetting[]): CallToolResult {
  const lines = settings.map(({ key, value, default: initial, range, changed, description }) => {
    const facts = [...(changed ? [`changed; default ${valueWords(key, initial)}`] : []), range]
    return `${key} = ${valueWords(key, value)} (${facts.join('; ')}): ${description}`
  })
  return toolResult([message, ...lines].join('\n'), { message, settings })
}
