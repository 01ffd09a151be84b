const UNITS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** Milliseconds of `90s`, `10m`, `2h`, `1d`, sums of them such as `1h30m`, and `0`; null for everything else. */
export function parseDuration(text: string): number | null {
  if (text === '0') return 0
  if (!/^(\d{1,9}[smhd])+$/.test(text)) return null
  const parts = [...text.matchAll(/(\d+)([smhd])/g)]
  return parts.reduce((sum, [, count, unit]) => sum + Number(count) * (UNITS[unit ?? ''] ?? 0), 0)
}

/** As above, and bare seconds such as `86400`, which the bash tool handed to `sleep`. */
export function parsePeriod(text: string): number | null {
  return /^\d{1,9}$/.test(text) ? Number(text) * 1000 : parseDuration(text)
}
