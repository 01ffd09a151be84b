import { measureBackup } from './backup-topic.ts'
import { type BenchOptions, readOptions, type Topic, USAGE } from './options.ts'
import { writePage } from './pages.ts'
import { measureService } from './service-topic.ts'
import { measureUpload } from './upload-topic.ts'
import { measureVerify } from './verify-topic.ts'

/** Measures, and gives the text of the topic's page. Throws when the signal stops it. */
type Measure = (options: BenchOptions, report: (text: string) => void, signal: AbortSignal) => Promise<string>

const MEASURES: Readonly<Record<Topic, Measure>> = {
  backup: measureBackup,
  verify: measureVerify,
  service: measureService,
  upload: measureUpload,
}

function report(text: string): void {
  process.stderr.write(`${text}\n`)
}

async function main(options: BenchOptions): Promise<number> {
  const stop = new AbortController()
  let interrupted = 0
  const interrupt = (code: number) => (): void => {
    interrupted = code
    stop.abort()
  }
  process.on('SIGINT', interrupt(130)).on('SIGTERM', interrupt(143)).on('SIGHUP', interrupt(129))
  try {
    const page = await MEASURES[options.topic](options, report, stop.signal)
    process.stdout.write(page)
    if (options.write) await writePage(options.topic, page)
    return 0
  } catch (error) {
    if (interrupted > 0) return interrupted
    report(error instanceof Error ? (error.stack ?? error.message) : String(error))
    return 1
  }
}

const options = readOptions(process.argv.slice(2))
if (typeof options === 'string') report(`bench: ${options}\n${USAGE}`)
process.exitCode = typeof options === 'string' ? 2 : await main(options)
