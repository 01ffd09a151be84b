import type { ConfiguredDatabase } from '../../config/configured-databases.ts'
import type { ServerCoverage } from '../../config/found-databases.ts'
import type { RunReport, ServerNews } from '../../events.ts'
import { type DatabasesBefore, databasesBefore } from '../databases-before.ts'

/** More of one server are not told by name: a line of the history stays short, whoever makes databases there. */
const MOST_REMEMBERED = 200

/**
 * What is new about the servers of a run of all: which databases came, which vanished, and which no line covers, each told
 * once. `databases` are those of this run, `history` the finished runs, oldest first. Of a server that could not be read
 * nothing is said: its failure is an outcome.
 */
export function serverNews(
  servers: readonly ServerCoverage[],
  databases: readonly Pick<ConfiguredDatabase, 'id'>[],
  history: readonly RunReport[],
): readonly ServerNews[] {
  const before = databasesBefore(history)
  const own = databases.map(({ id }) => id.name)
  return servers.filter(({ failure }) => failure === null).flatMap(server => newsOf(server, own, before))
}

function newsOf(server: ServerCoverage, own: readonly string[], before: DatabasesBefore): readonly ServerNews[] {
  const uncovered = server.uncovered.slice(0, MOST_REMEMBERED)
  const there = new Set([...server.names, ...server.leftOut])
  const found = new Set(server.names)
  const ownHere = own.filter(name => found.has(name))
  // The first run of a server, or of a shard of it, has nothing to compare with.
  const isKnown = ownHere.some(name => before.present.has(name))
  const news = {
    server: server.server,
    came: server.isWhole && isKnown ? ownHere.filter(name => !before.present.has(name)) : [],
    vanished: server.isWhole ? [...before.present].filter(name => isOf(name, server.head) && !there.has(name)) : [],
    uncovered: uncovered.filter(name => !before.uncovered.has(name)),
    stillUncovered: uncovered.filter(name => before.uncovered.has(name)),
  }
  return news.came.length + news.vanished.length + uncovered.length === 0 ? [] : [news]
}

function isOf(name: string, head: string): boolean {
  return name.startsWith(head) && name !== `${head}*`
}

/** How many names a line shows. */
const MOST_SHOWN = 10

/** What is new, a line each, for the screen. */
export function serverNewsTexts({ server, came, vanished, uncovered }: ServerNews): readonly string[] {
  return [
    ...lineOf(`${server}: new here, and backed up from now on`, came),
    ...lineOf(`${server}: no longer there; archives stay until somebody removes them`, vanished),
    ...lineOf(`${server}: covered by no line, and not backed up`, uncovered),
  ]
}

function lineOf(text: string, names: readonly string[]): readonly string[] {
  if (names.length === 0) return []
  const more = names.length - MOST_SHOWN
  return [`${text}: ${names.slice(0, MOST_SHOWN).join(', ')}${more > 0 ? ` and ${more} more` : ''}`]
}
