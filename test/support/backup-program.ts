import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const PROGRAM = fileURLToPath(new URL('../../scripts/backup', import.meta.url))

export interface ProgramOptions {
  /** Added to PATH and HOME; nothing else of the test's own environment is handed on. `undefined` leaves a variable out. */
  readonly env: Readonly<Record<string, string | undefined>>
  /** Path of `backup.conf`: becomes BACKUP_CONF, and its folder the working folder. */
  readonly conf?: string
  readonly cwd?: string
  /** The user, of group 0, as whom it runs; without it whoever runs the test. */
  readonly uid?: number
  /** Given to stdin, which is then closed; without it stdin is /dev/null. */
  readonly input?: string
  /** Aborting it sends SIGKILL. */
  readonly signal?: AbortSignal
  /** Put in front of the program, such as setpriv and its flags. */
  readonly prefix?: readonly string[]
}

/** How the program ended, and all that it printed. */
export interface ProgramResult {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

export interface RunningProgram {
  readonly pid: number
  readonly child: ChildProcess
  readonly result: Promise<ProgramResult>
  stdout(): string
  stderr(): string
  kill(signal: NodeJS.Signals): void
  /** Resolves as soon as stdout or stderr holds the pattern; rejects when the program ends without it. */
  printed(pattern: RegExp): Promise<void>
}

/** Runs `scripts/backup` to its end, with an environment of its own. */
export function runBackup(args: readonly string[], options: ProgramOptions): Promise<ProgramResult> {
  return startBackup(args, options).result
}

/** Starts `scripts/backup`. Whoever starts it awaits `result`, after `kill` too. */
export function startBackup(args: readonly string[], options: ProgramOptions): RunningProgram {
  const [command = '', ...rest] = [...(options.prefix ?? []), PROGRAM, ...args]
  const child = spawn(command, rest, {
    cwd: options.cwd ?? (options.conf === undefined ? tmpdir() : dirname(options.conf)),
    env: environment(options),
    stdio: [options.input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
    ...(options.uid === undefined ? {} : { uid: options.uid, gid: 0 }),
    ...(options.signal === undefined ? {} : { signal: options.signal, killSignal: 'SIGKILL' }),
  })
  child.on('error', () => {})
  child.stdin?.on('error', () => {})
  child.stdin?.end(options.input)
  const printed = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const) {
    child[name]?.setEncoding('utf8').on('data', (text: string) => {
      printed[name] += text
    })
  }
  const result = once(child, 'close').then(([code, signal]): ProgramResult => ({ code, signal, ...printed }))
  return {
    pid: child.pid ?? -1,
    child,
    result,
    stdout: () => printed.stdout,
    stderr: () => printed.stderr,
    kill: signal => void child.kill(signal),
    printed: pattern => untilPrinted(child, pattern, () => printed.stdout + printed.stderr),
  }
}

function environment({ env, conf }: ProgramOptions): Record<string, string> {
  const all = {
    PATH: process.env.PATH,
    HOME: process.env.HOME,
    ...(conf === undefined ? {} : { BACKUP_CONF: conf }),
    ...env,
  }
  return Object.fromEntries(Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== undefined))
}

function untilPrinted(child: ChildProcess, pattern: RegExp, text: () => string): Promise<void> {
  return new Promise((resolve, reject) => {
    const look = (): void => {
      if (pattern.test(text())) resolve()
    }
    child.stdout?.on('data', look)
    child.stderr?.on('data', look)
    child.on('close', () => reject(new Error(`backup: it ended without printing ${pattern}; expected it\n${text()}`)))
    look()
  })
}

/** A temporary folder with a `backup.conf` and an empty volume; removed when disposed of. */
export interface BackupFolder extends Disposable {
  readonly path: string
  /** Path of `backup.conf`, which exists only if its text was given or written. */
  readonly conf: string
  /** BACKUP_DIR. */
  readonly volume: string
  writeConf(text: string): void
  /** Writes an executable file, such as a tool that stands in for another, into `<path>/bin`; returns that folder. */
  writeTool(name: string, script: string): string
}

/** `conf` is the text of `backup.conf`, such as `127.0.0.1:5432/shop`. */
export function backupFolder(conf?: string): BackupFolder {
  const path = mkdtempSync(join(tmpdir(), 'backup-'))
  const folder: BackupFolder = {
    path,
    conf: join(path, 'backup.conf'),
    volume: join(path, 'volume'),
    writeConf: text => writeFileSync(folder.conf, `${text}\n`),
    writeTool(name, script) {
      const bin = join(path, 'bin')
      mkdirSync(bin, { recursive: true })
      writeFileSync(join(bin, name), `#!/bin/sh\n${script}\n`)
      chmodSync(join(bin, name), 0o755)
      return bin
    },
    [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }),
  }
  mkdirSync(folder.volume, { mode: 0o700 })
  if (conf !== undefined) folder.writeConf(conf)
  return folder
}
