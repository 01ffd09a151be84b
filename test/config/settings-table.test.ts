import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { REFERENCE_FILE, settingsReference } from '../../scripts/settings-reference.ts'
import { usageText } from '../../src/commands/help.ts'
import { readSettings, readValue } from '../../src/config/setting-values.ts'
import { SETTING_GROUPS, settingRows } from '../../src/config/settings-table.ts'

test('docs/reference/settings.md is what scripts/settings-reference.ts writes', () => {
  expect(readFileSync(REFERENCE_FILE, 'utf8')).toBe(settingsReference())
})

test('the usage text and the reference name every setting', () => {
  const texts = [usageText(), settingsReference()]

  const missing = settingRows().filter(row => !texts.every(text => text.includes(row.name)))

  expect(missing).toEqual([])
  expect(settingRows().every(row => SETTING_GROUPS.includes(row.group))).toBe(true)
})

test('every default is a value that would be accepted', () => {
  const defaults = settingRows().filter(row => row.default !== null)

  const refused = defaults.filter(row => 'problem' in readValue(row.kind, row.name, row.default ?? ''))

  expect(refused).toEqual([])
  expect(readSettings({}).problems).toEqual([])
})
