import { existsSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import path from 'node:path'
import { TOPICS, type Topic } from './options.ts'
import { root } from './ours.ts'

const FOLDER = path.join(root, 'docs/benchmarks')

const TITLES: Readonly<Record<Topic, string>> = {
  backup: 'Backups, beside what they replace; start, listing and pruning',
  verify: 'Proofs, beside loading the same archive with psql',
  service: 'The long-running container while it waits',
  upload: 'Copies by FTPS and SFTP, beside curl and sftp',
}

/** The first lines of a topic's page: what it is, and the conditions. `about` follows them in the same paragraph. */
export function pageHead(topic: Topic, about: string): string {
  const date = new Date().toISOString().slice(0, 10)
  const cores = availableParallelism()
  const machine = `${date}, Node ${process.versions.node}, ${cores} ${cores === 1 ? 'core' : 'cores'}.`
  return `# ${TITLES[topic]}

Written by \`scripts/bench ${topic} --write\`. It is no test: nothing fails because of a figure.

${machine} ${about}
`
}

/** Replaces the page of a topic, and the index of the pages that there are. */
export async function writePage(topic: Topic, page: string): Promise<void> {
  await mkdir(FOLDER, { recursive: true })
  await writeFile(path.join(FOLDER, `${topic}.md`), page)
  await writeFile(path.join(FOLDER, 'README.md'), index(TOPICS.filter(each => existsSync(pathOf(each)))))
}

function index(topics: readonly Topic[]): string {
  const lines = topics.map(topic => `- [${topic}](${topic}.md): ${lowerFirst(TITLES[topic])}`)
  return `# Benchmarks

Each page is written by \`scripts/bench TOPIC --write\`, which measures this program beside its alternatives in one run, in
turn, on servers of its own. They are no tests: nothing fails because of a figure. Ratios tell more than seconds, which
are those of one machine.

${lines.join('\n')}
`
}

function pathOf(topic: Topic): string {
  return path.join(FOLDER, `${topic}.md`)
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1)
}
