/** What a letter behind a backslash stands for in the text format of COPY. */
const ESCAPES: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' }

/** The values of rows that `COPY … TO STDOUT` wrote, one character per byte; null is NULL. */
export function copiedValues(rows: Buffer): readonly (readonly (string | null)[])[] {
  return rows
    .toString('latin1')
    .split('\n')
    .slice(0, -1)
    .map(row => row.split('\t').map(value => (value === '\\N' ? null : unescaped(value))))
}

function unescaped(value: string): string {
  return value.replace(/\\(.)/gs, (_whole, letter: string) => ESCAPES[letter] ?? letter)
}
