/** An archive with the instant until which `--protect` keeps it, ISO 8601; null if nobody has asked for it. */
interface Protectable {
  readonly protectedUntil: string | null
}

/** Whether an archive still is protected at `now`: then only `-p -f --force` removes it, and no count sees it. */
export function isProtected({ protectedUntil }: Protectable, now: Date): boolean {
  return protectedUntil !== null && Date.parse(protectedUntil) > now.getTime()
}

/** Until when, in words: the date as it was written, in the zone of the run that made the archive. */
export function protectionText({ protectedUntil }: Protectable): string {
  return `protected until ${protectedUntil?.slice(0, 'YYYY-MM-DD'.length) ?? 'never'}`
}
