import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { RunReport } from '../../src/events.ts'
import { type HistoryLine, readHistoryLine } from '../../src/status/history-line.ts'
import type { ServiceStatus } from '../../src/status/service-status.ts'
import { backupEnvironment } from './archives.ts'
import { type BackupFolder, type RunningProgram, startBackup } from './backup-program.ts'
import { logEvents } from './backups.ts'
import { freePort } from './postgres-cluster.ts'
import type { PostgresServer } from './postgres-server.ts'
import { untilTrue } from './until-true.ts'

type Event = Readonly<Record<string, unknown>>

/** The real program without a mode, in a process of its own. */
export interface RunningService extends RunningProgram, AsyncDisposable {
  /** Of one path of its HTTP server; throws when nobody answers. */
  get(path: string): Promise<Response>
  status(): Promise<ServiceStatus>
  /** The first value of a metric; null when it is not there. */
  metric(name: string): Promise<number | null>
  events(name?: string): readonly Event[]
  /** Resolves as soon as the answer is yes; rejects when the program ends before. */
  until(question: () => boolean | Promise<boolean>): Promise<void>
  /** Resolves with the exit code. */
  stop(signal?: NodeJS.Signals): Promise<number | null>
}

/** Starts the service for what `backup.conf` in the folder says; it is killed when disposed of. */
export async function startService(
  server: PostgresServer,
  folder: BackupFolder,
  env: Readonly<Record<string, string>> = {},
): Promise<RunningService> {
  const port = await freePort()
  const running = startBackup([], {
    conf: folder.conf,
    env: { ...backupEnvironment(server, folder), HTTP_PORT: String(port), ...env },
  })
  const get = (path: string): Promise<Response> => fetch(`http://127.0.0.1:${port}${path}`)
  return {
    ...running,
    get,
    status: async () => (await (await get('/status.json')).json()) as ServiceStatus,
    async metric(name) {
      const text = await (await get('/metrics')).text()
      const found = new RegExp(`^${name}(?:\\{[^}]*\\})? (.+)$`, 'm').exec(text)?.[1]
      return found === undefined ? null : Number(found)
    },
    events: name => wholeEvents(running.stderr()).filter(each => name === undefined || each.event === name),
    async until(question) {
      const ended = running.result.then(({ code }) => {
        throw new Error(`the service ended with ${code}; expected it to run\n${running.stderr()}`)
      })
      await Promise.race([untilTrue(question), ended])
    },
    async stop(signal = 'SIGTERM') {
      running.kill(signal)
      return (await running.result).code
    },
    async [Symbol.asyncDispose]() {
      running.kill('SIGKILL')
      await running.result
    },
  }
}

/** The last line may still be on its way. */
function wholeEvents(stderr: string): readonly Event[] {
  return logEvents(stderr.slice(0, stderr.lastIndexOf('\n') + 1))
}

export function historyOf(volume: string): readonly HistoryLine[] {
  const text = readFileSync(join(volume, '.backup/runs.jsonl'), 'utf8')
  return text.split('\n').flatMap(line => readHistoryLine(line) ?? [])
}

export function reportsOf(volume: string): readonly RunReport[] {
  return historyOf(volume).flatMap(line => (line.type === 'run' ? [line.report] : []))
}
