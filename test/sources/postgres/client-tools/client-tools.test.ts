import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import {
  type ClientTools,
  chooseClientTools,
  findClientTools,
} from '../../../../src/sources/postgres/client-tools/client-tools.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'client-tools-'))
afterAll(() => rmSync(folder, { recursive: true }))

const signal = new AbortController().signal

describe('finding client tools', () => {
  test('finds the installed ones and those on PATH by asking them for their version', async () => {
    const bin = fakeTools('newer', '99.2 (Debian 99.2-1)')

    const tools = await findClientTools({ PATH: `${bin}:${path.join(folder, 'missing')}:relative` }, signal)

    expect(tools).toContainEqual({
      version: '99.2',
      major: 99,
      pgDump: `${bin}/pg_dump`,
      pgDumpall: `${bin}/pg_dumpall`,
    })
    expect(tools.some(candidate => candidate.pgDump.startsWith('/usr/'))).toBe(true)
  })

  test('leaves out a folder whose pg_dump fails, and asks it again the next time', async () => {
    const bin = fakeTools('broken', '')
    const before = await findClientTools({ PATH: bin }, signal)
    fakeTools('broken', '98beta1')

    const after = await findClientTools({ PATH: bin }, signal)

    expect(before.some(candidate => candidate.pgDump.startsWith(bin))).toBe(false)
    expect(after.find(candidate => candidate.pgDump.startsWith(bin))?.version).toBe('98beta1')
  })
})

describe('choosing client tools', () => {
  const tools = ['17.4', '13.20', '15.18', '15.9', '16.2'].map(toolsOf)

  test('FM06 prefers the major of the server, in its newest minor version', () => {
    const choice = chooseClientTools(tools, 15)

    expect(choice).toEqual({ tools: toolsOf('15.18'), newer: false })
  })

  test('FM06 takes the oldest newer one where that major is not installed, and says so', () => {
    const choice = chooseClientTools(tools, 14)

    expect(choice).toEqual({ tools: toolsOf('15.18'), newer: true })
  })

  test('FM06 refuses a server that is newer than every client, and names both', () => {
    expect(() => chooseClientTools(tools, 18)).toThrow(
      'pg_dump: 17.4, 13.20, 15.18, 15.9, 16.2 installed; expected version 18 or newer',
    )
    expect(() => chooseClientTools([], 15)).toThrow('pg_dump: none installed; expected version 15 or newer')
  })
})

function toolsOf(version: string): ClientTools {
  return {
    version,
    major: Number.parseInt(version, 10),
    pgDump: `/${version}/pg_dump`,
    pgDumpall: `/${version}/pg_dumpall`,
  }
}

function fakeTools(name: string, version: string): string {
  const bin = path.join(folder, name)
  mkdirSync(bin, { recursive: true })
  for (const tool of ['pg_dump', 'pg_dumpall']) {
    const answer = version === '' ? 'exit 127' : `echo "${tool} (PostgreSQL) ${version}"`
    writeFileSync(path.join(bin, tool), `#!/bin/sh\n${answer}\n`)
    chmodSync(path.join(bin, tool), 0o755)
  }
  return bin
}
