import type { Client, FileInfo } from 'basic-ftp'
import { listingTooLong, MOST_LISTED_FILES } from './destination.ts'

/**
 * The most bytes of a listing that are read. As many files as are allowed fit in, with the longest names that ours have:
 * some 120 bytes of facts and 140 of name. The text is in memory as a whole before it is understood.
 */
export const MOST_LISTING_BYTES = 64 * 2 ** 20

/** The files of the folder that the client stands in. Throws what basic-ftp throws, and an OperatorError for a listing that is too long. */
export async function listFolder(client: Client, place: string): Promise<readonly FileInfo[]> {
  const parse = client.parseList
  client.parseList = text => {
    // Counted before each line becomes an object of several hundred bytes.
    if (linesOf(text) > MOST_LISTED_FILES) throw listingTooLong(place)
    return parse(text)
  }
  try {
    return await client.list()
  } catch (error) {
    throw isCutShort(error) ? listingTooLong(place) : error
  } finally {
    client.parseList = parse
  }
}

/** basic-ftp has no kind of error of its own for it. */
function isCutShort(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith('StringWriter: Maximum bytes exceeded')
}

function linesOf(text: string): number {
  let lines = 0
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) lines += 1
  return lines
}
