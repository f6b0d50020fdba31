/** The words of the page of settings. */
import { expect, test } from 'vitest'
import { SETTING_KEYS } from '../../worker/settings/settings.ts'
import { settingWords } from '../../worker/web/kept/looks/setting-words.ts'

test('each setting has words for people on its page, and one that is not known keeps those of the schema', () => {
  expect(SETTING_KEYS.filter((key) => settingWords(key, '') === '')).toEqual([])
  expect(['new_setting', 'constructor'].map((key) => settingWords(key, 'As the schema says.'))).toEqual([
    'As the schema says.',
    'As the schema says.',
  ])
})
