import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type PostgresServer, startPostgres } from '../../../support/postgres-server.ts'
import { dumpBytes, emptyDatabase, loadInto } from './loading.ts'

const HEAD = `SET client_encoding = 'UTF8';\nSELECT pg_catalog.set_config('search_path', '', false);\n`

let server: PostgresServer
let number = 0

beforeAll(async () => {
  server = await startPostgres()
}, 120_000)

afterAll(() => server?.stop())

const fresh = () => emptyDatabase(server, `grouped_${++number}`)
const inFresh = (text: string) => server.query(`grouped_${number}`, text)
const named = ({ kind, identity, sqlstate }: { kind: string; identity: string; sqlstate: string | null }): string =>
  `${kind} ${identity} ${sqlstate}`

/** As many of them as there are groups, so that some group has the bad one in its middle. */
const TABLES = Array.from({ length: 200 }, (_, index) => `t${index}`)

describe('FM152 many small objects', () => {
  test('load in far fewer transactions than they have statements, and are what they were', async () => {
    const tables = TABLES.map(
      name =>
        `CREATE TABLE public.${name} (id serial PRIMARY KEY, v text); INSERT INTO public.${name} (v) VALUES ('x');`,
    )
    await server.createDatabase('small')
    await server.sql('small', `${tables.join('\n')}\nSELECT lo_from_bytea(0, 'x') FROM generate_series(1, 200);`)
    const dump = await dumpBytes(server, 'small')

    const { statements } = await loadInto(await fresh(), dump)

    const [transactions] = await inFresh(
      `SELECT xact_commit::int AS n FROM pg_stat_database WHERE datname = 'grouped_${number}'`,
    )
    expect(statements).toBeGreaterThan(2_500)
    // Each table's rows are a transaction of their own.
    expect(Number(transactions?.n)).toBeLessThan(TABLES.length + statements / 20)
    expect((await dumpBytes(server, `grouped_${number}`)).equals(dump)).toBe(true)
  })
})

describe('FM152 what the server refuses in the middle of many', () => {
  const bad = 'CREATE VIEW public.v AS SELECT nothing;'
  const create = TABLES.map(name => `CREATE TABLE public.${name} ();`)
  const dump = `${HEAD}${[...create.slice(0, 100), bad, ...create.slice(100)].join('\n')}\n`

  test('is named alone, and all the rest is there once', async () => {
    const report = await loadInto(await fresh(), dump, { ignoreErrors: true })

    expect(report.errors.map(named)).toEqual(['VIEW public.v 42703'])
    expect(await inFresh(`SELECT count(*)::int AS n FROM pg_class WHERE relname ~ '^t\\d+$'`)).toEqual([{ n: 200 }])
  })

  test('ends the load under its own name', async () => {
    await expect(loadInto(await fresh(), dump)).rejects.toMatchObject({ object: 'public.v', sqlstate: '42703' })
  })

  test('is named alone where owners and comments are given', async () => {
    const comments = TABLES.map(name => `COMMENT ON TABLE public.${name} IS 'x';`)
    comments.splice(50, 0, `COMMENT ON TABLE public.gone IS 'x';`)

    const report = await loadInto(await fresh(), `${HEAD}${create.join('\n')}\n${comments.join('\n')}\n`, {
      ignoreErrors: true,
    })

    expect(report.errors.map(named)).toEqual(['COMMENT TABLE public.gone 42P01'])
    expect(await inFresh(`SELECT count(*)::int AS n FROM pg_description WHERE description = 'x'`)).toEqual([{ n: 200 }])
  })

  test('is named under its own name inside a transaction of the dump', async () => {
    const write = (oid: number): string =>
      `SELECT pg_catalog.lo_open('${oid}', 131072);\nSELECT pg_catalog.lowrite(0, '\\x61');\nSELECT pg_catalog.lo_close(0);`
    const make = Array.from({ length: 100 }, (_, index) => `SELECT pg_catalog.lo_create('${90_000 + index}');`)
    const fill = Array.from({ length: 100 }, (_, index) => write(90_000 + index))
    const text = `${HEAD}${make.join('\n')}\nBEGIN;\n${[...fill.slice(0, 50), write(80_000), ...fill.slice(50)].join('\n')}\nCOMMIT;\n`

    await expect(loadInto(await fresh(), text)).rejects.toMatchObject({ sqlstate: '42704' })
    const whole = text.replace(write(80_000), '')
    await loadInto(await fresh(), whole)
    expect(await inFresh(`SELECT count(*)::int AS n FROM pg_largeobject WHERE data = 'a'`)).toEqual([{ n: 100 }])
  })

  test('ends what stands behind it where only a superuser may make it', async () => {
    const type = `CREATE TYPE public.b;\nCREATE FUNCTION public.b_in(cstring) RETURNS public.b LANGUAGE internal IMMUTABLE STRICT AS 'int4in';`
    const text = `${HEAD}${create.slice(0, 10).join('\n')}\n${type}\nCREATE TABLE public.uses (a public.b);\n${create.slice(10).join('\n')}\n`

    const report = await loadInto(await fresh(), text)

    expect(report.withheld.map(({ name }) => name)).toEqual(['TYPE public.b'])
    expect(await inFresh(`SELECT count(*)::int AS n FROM pg_class WHERE relname ~ '^t\\d+$'`)).toEqual([{ n: 10 }])
  })
})

describe('FM152 a few rows', () => {
  test('stay in their order whatever their lengths, and more of them too', async () => {
    const lengths = Array.from({ length: 99 }, (_, index) => (index * 37) % 80)
    await server.createDatabase('ordered')
    await server.sql(
      'ordered',
      `CREATE TABLE few (n int, v text); INSERT INTO few SELECT row_number() OVER (), repeat('x', l) FROM unnest('{${lengths.join()}}'::int[]) l;
       CREATE TABLE more (n int, v text); INSERT INTO more SELECT n, repeat('x', n * 37 % 700) FROM generate_series(1, 101) n;
       CREATE TABLE wide (n int, v text); INSERT INTO wide SELECT n, repeat('x', n * 997 % 3000) FROM generate_series(1, 20) n;`,
    )
    const dump = await dumpBytes(server, 'ordered')

    const { rows } = await loadInto(await fresh(), dump)

    expect(rows).toBe(99 + 101 + 20)
    expect((await dumpBytes(server, `grouped_${number}`)).equals(dump)).toBe(true)
  })
})
