import { describe, expect, test } from 'vitest'
import { readDumpHeader } from '../../../../src/sources/postgres/dump-file/dump-header.ts'

const ROLES = `--
-- PostgreSQL database cluster dump
--

SET client_encoding = 'UTF8';
CREATE ROLE app;

--
-- PostgreSQL database cluster dump complete
--

`
const DUMP = `--
-- PostgreSQL database dump
--

\\restrict abc

-- Dumped from database version 15.18 (Debian 15.18-1)
-- Dumped by pg_dump version 16.4

SET statement_timeout = 0;
SET client_encoding = 'LATIN1';
CREATE TABLE a (id int);
`

async function* inPieces(text: string, size: number): AsyncGenerator<Buffer> {
  const bytes = Buffer.from(text)
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

describe('readDumpHeader', () => {
  test.each([1, 7, 100_000])('finds the header of the dump behind the roles, in pieces of %i bytes', async size => {
    const header = await readDumpHeader(inPieces(ROLES + DUMP, size))

    expect(header).toEqual({ serverVersion: '15.18', pgDumpVersion: '16.4', clientEncoding: 'LATIN1' })
  })

  test('FM87 finds none in a file of roles alone', async () => {
    expect(await readDumpHeader(inPieces(ROLES, 50))).toBeNull()
  })
})
