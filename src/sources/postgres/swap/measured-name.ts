import type { Connection } from '../connection/connection.ts'
import type { MeasuredName } from './companion-names.ts'

/** How many bytes the server keeps of each character. */
const CHARACTERS = `
SELECT pg_catalog.octet_length(s.c) AS bytes
FROM pg_catalog.regexp_split_to_table($1, '') WITH ORDINALITY s(c, place) ORDER BY s.place`

/** A name as this server measures it. Rejects with an OperatorError. */
export async function measureName(connection: Connection, name: string): Promise<MeasuredName> {
  const characters = await connection.query<{ bytes: number }>(CHARACTERS, [name])
  return { name, characterBytes: characters.map(({ bytes }) => bytes) }
}
