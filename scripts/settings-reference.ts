import { writeFileSync } from 'node:fs'
import {
  HOST_SETTINGS,
  KIND_HELP,
  SETTING_GROUPS,
  type SettingDefinition,
  settingRows,
} from '../src/config/settings-table.ts'

/** Where the reference stands in the repository. */
export const REFERENCE_FILE = new URL('../docs/reference/settings.md', import.meta.url)

/** The page about all settings, from the table in src/config/settings-table.ts. */
export function settingsReference(): string {
  const groups = SETTING_GROUPS.map(group => {
    const rows = settingRows().filter(row => row.group === group)
    return [`## ${group}`, '', '| name | default | value | meaning |', '|---|---|---|---|', ...rows.map(tableRow)].join(
      '\n',
    )
  })
  const legend = Object.entries(KIND_HELP).map(([kind, help]) => `| ${kind} | ${help} |`)
  return `${[INTRODUCTION, ...groups, ['## Values', '', '| value | is |', '|---|---|', ...legend].join('\n')].join('\n\n')}\n`
}

const INTRODUCTION = `# Settings

<!-- Generated from src/config/settings-table.ts by scripts/settings-reference.ts: change the table, then run the script. -->

All settings are environment variables; \`backup -c\` shows what each one is and where that comes from. An empty variable is
an unset one. A secret can also come from a file: \`<NAME>_FILE\` holds its path, and one newline at the file's end does
not belong to the secret. Setting both is a problem.

\`${Object.keys(HOST_SETTINGS).join('`, `')}\` exist once per database host.
\`<HOST>\` is the host's name in upper case, every character outside A-Z and 0-9 replaced by \`_\`, with a \`_\` before a
leading digit: \`WALLET_DB_USER\` for \`wallet-db\`.

What can't be read is a problem, and its default is used, with these exceptions: when a count of backups or the strategy
can't be read, nothing is pruned; when an sslmode can't be read, the databases that depend on it are not tried.`

function tableRow(row: SettingDefinition & { readonly name: string }): string {
  const fallback = row.default === null ? variablesAsCode(row.computedDefault ?? '') : `\`${row.default}\``
  const kind = row.secret === true ? `${row.kind}, secret` : row.kind
  const meaning = row.obsolete === undefined ? row.help : `${row.help}: ${row.obsolete}`
  return `| \`${row.name}\` | ${fallback} | ${kind} | ${variablesAsCode(meaning)} |`
}

/** Markdown would take <HOST> for a tag and show nothing. */
function variablesAsCode(text: string): string {
  return text.replace(/<HOST>_[A-Z]+|\b[A-Z]+(?:_[A-Z]+)+\b/g, '`$&`')
}

if (import.meta.main) writeFileSync(REFERENCE_FILE, settingsReference())
