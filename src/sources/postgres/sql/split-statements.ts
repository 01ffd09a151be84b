import { DumpScanner } from './dump-scanner.ts'

/** A short SQL script: its statements, each with its semicolon, and how much else is in it: backslash commands, COPY, a cut end. */
export interface SplitScript {
  readonly statements: readonly Buffer[]
  readonly others: number
}

/** Splits a script that is in memory. Throws an OperatorError (`incomplete`) where `DumpScanner` does. */
export function splitStatements(script: Buffer): SplitScript {
  const statements: Buffer[] = []
  let parts: Buffer[] = []
  let others = 0
  const scanner = new DumpScanner({
    comment() {},
    metaCommand: () => others++,
    copyStart: () => others++,
    copyData() {},
    copyEnd() {},
    statement(bytes, state) {
      if (state.first) parts = []
      parts.push(Buffer.from(bytes))
      if (state.last) statements.push(Buffer.concat(parts))
    },
  })
  scanner.write(script)
  if (scanner.end() !== null) others++
  return { statements, others }
}
