import { classifyLine } from './conf-line.ts'
import { type CronLine, parseCronLine } from './cron-line.ts'
import { type DatabaseSpec, parseDatabaseSpec } from './database-spec.ts'
import type { Problem } from './problem.ts'
import { isSameServer, parseServerLine, type ServerLine, type WholeServer, wholeServerName } from './server-line.ts'
import type { SourceOptions } from './source-options.ts'
import { isTimeZone, zoneWarning } from './time-zone-name.ts'

/** A database spec and the place that names it. */
export interface PlacedSpec extends DatabaseSpec, SourceOptions {
  /** `<file>:<line>` or the variable. */
  readonly place: string
}

/** A server of which every database is backed up, and the line that says so. */
export interface PlacedServer extends WholeServer {
  readonly place: string
}

export interface BackupConf {
  readonly databases: readonly PlacedSpec[]
  readonly servers: readonly PlacedServer[]
  /** Whether any line names a database, be it invalid or of another type: then the environment's database is not used. */
  readonly namesDatabases: boolean
  /** The hosts of those of another type, as far as they can be read. */
  readonly otherHosts: readonly string[]
  readonly cronLines: readonly CronLine[]
  readonly problems: readonly Problem[]
}

interface Reading {
  readonly path: string
  readonly databases: PlacedSpec[]
  readonly servers: PlacedServer[]
  readonly otherHosts: string[]
  readonly cronLines: CronLine[]
  readonly problems: Problem[]
  namesDatabases: boolean
  timeZone: string | null
  /** Places of zones below which no schedule has come yet. */
  unusedZones: readonly string[]
}

/** Reads `backup.conf`. Every line is used or reported with its number; one bad line never hides the others. */
export function readBackupConf(conf: { readonly path: string; readonly text: string }): BackupConf {
  const reading: Reading = {
    path: conf.path,
    databases: [],
    servers: [],
    otherHosts: [],
    cronLines: [],
    problems: [],
    namesDatabases: false,
    timeZone: null,
    unusedZones: [],
  }
  const lines = conf.text.split(/\r\n|\n|\r/)
  for (const [index, line] of lines.entries()) readLine(reading, line, index + 1)
  for (const place of reading.unusedZones) {
    warn(reading, place, 'a variable without effect; expected a schedule below it')
  }
  const { databases, servers, otherHosts, namesDatabases, cronLines, problems } = reading
  return { databases, servers, otherHosts, namesDatabases, cronLines, problems }
}

function readLine(reading: Reading, text: string, line: number): void {
  const place = `${reading.path}:${line}`
  const found = classifyLine(text)
  switch (found.kind) {
    case 'empty':
      break
    case 'schedule':
      readSchedule(reading, found.text, { line, place })
      break
    case 'zone':
      readZone(reading, found.value, place)
      break
    case 'variable':
      warn(reading, place, `nothing reads the variable ${found.name} here; ${ENVIRONMENT}`)
      break
    case 'database':
      readDatabase(reading, found.text, place)
      break
    case 'other type':
      readOtherType(reading, found.text)
      warn(reading, place, `${found.type} is not this container's type; expected postgres, so the line is left out`)
      break
    case 'unclear assignment':
      reading.namesDatabases = true
      report(reading, place, unclearAssignment(found.name))
  }
}

function readSchedule(reading: Reading, text: string, where: { readonly line: number; readonly place: string }): void {
  reading.unusedZones = []
  const parsed = parseCronLine(text)
  if ('fault' in parsed) report(reading, where.place, parsed)
  else reading.cronLines.push({ ...where, ...parsed, timeZone: reading.timeZone })
}

const ENVIRONMENT = 'expected settings in the environment of the container, and TZ or CRON_TZ alone in this file'

function readZone(reading: Reading, zone: string, place: string): void {
  reading.unusedZones = [...reading.unusedZones, place]
  const warning = zoneWarning(place, zone)
  if (warning !== null) reading.problems.push(warning)
  if (zone === '') reading.timeZone = null
  else if (isTimeZone(zone)) reading.timeZone = zone
  else report(reading, place, { fault: 'an unknown time zone; expected a name such as America/Vancouver' })
}

function readOtherType(reading: Reading, text: string): void {
  reading.namesDatabases = true
  const parsed = parseDatabaseSpec(text)
  if ('spec' in parsed) reading.otherHosts.push(parsed.spec.host)
}

function readDatabase(reading: Reading, text: string, place: string): void {
  reading.namesDatabases = true
  const line = parseServerLine(text)
  if (line !== null) {
    if ('fault' in line) report(reading, place, line)
    else readServer(reading, line, place)
    return
  }
  const parsed = parseDatabaseSpec(text)
  if ('fault' in parsed) {
    report(reading, place, parsed)
    return
  }
  reading.databases.push({ ...parsed.spec, ...parsed.options, place })
  for (const fault of parsed.faults) report(reading, place, fault)
  if (parsed.unknown.length > 0) warn(reading, place, `options without effect; expected ${OPTIONS} or none`)
}

const OPTIONS = 'keep=, alarm='

function readServer(reading: Reading, { server, unknownOptions, faults }: ServerLine, place: string): void {
  const first = reading.servers.find(each => isSameServer(each, server))
  if (first === undefined) reading.servers.push({ ...server, place })
  else report(reading, place, listedAgain(server, first.place))
  for (const fault of faults) report(reading, place, fault)
  if (unknownOptions.length > 0) warn(reading, place, `options without effect; expected except=, ${OPTIONS} or none`)
}

function listedAgain(server: WholeServer, firstPlace: string): Fault {
  return {
    fault: `${wholeServerName(server)} is listed again after ${firstPlace}; expected each server once`,
    hint: `only what ${firstPlace} says is used; except= may stand there several times`,
  }
}

function unclearAssignment(name: string): Fault {
  return {
    fault: `${name} is no type of database; expected postgres=host/database`,
    hint: 'if it is a variable for the schedules, put its value in quotes',
  }
}

interface Fault {
  readonly fault: string
  readonly hint?: string
}

function report(reading: Reading, place: string, { fault, hint }: Fault): void {
  reading.problems.push({ severity: 'problem', place, text: fault, ...(hint === undefined ? {} : { hint }) })
}

function warn(reading: Reading, place: string, text: string): void {
  reading.problems.push({ severity: 'warning', place, text })
}
