import { describe, expect, test } from 'vitest'
import { applicationNameOf } from '../../../../src/sources/postgres/connection/application-name.ts'

const RUN = 'backup-container 20261121T054626Z-ec14d3'

describe('FM122 the name of a session', () => {
  test('stays as it is where the server keeps it so', () => {
    expect(applicationNameOf(`${RUN} wallet-db-tob`)).toBe(`${RUN} wallet-db-tob`)
  })

  test('is cut before the server complains, and two that begin alike stay two', () => {
    const host = 'wallet-db.a1b2c3-prod.svc.cluster.local'
    const names = [`${RUN} ${host}-tob`, `${RUN} ${host}-wallet`, `${RUN} ${host}-Кошелёк`].map(applicationNameOf)

    for (const name of names) expect(name).toMatch(/^backup-container 20261121T054626Z-ec14d3 wallet-db[\x20-\x7e]+$/)
    expect(names.map(name => Buffer.byteLength(name))).toEqual([63, 63, 63])
    expect(new Set(names).size).toBe(3)
  })

  test('in another alphabet is what the server would show', () => {
    expect(applicationNameOf('db-Кот')).toMatch(/^db-\?{3}~[0-9a-f]{8}$/)
  })
})
