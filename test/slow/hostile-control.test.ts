import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { attacksFor } from '../corpus/hostile/attacks.ts'
import { carelessly } from '../support/hostile-control.ts'
import { type Ground, prepareGround } from '../support/hostile-ground.ts'
import { majorVersion, serverBinaries } from '../support/postgres-cluster.ts'

const attacks = attacksFor(majorVersion(serverBinaries())).filter(attack => attack.noControl === undefined)

let ground: Ground
let tripped: ReadonlyMap<string, readonly string[]>

beforeAll(async () => {
  ground = await prepareGround({ attacks })
  tripped = await carelessly(ground, attacks)
}, 2_400_000)

afterAll(async () => await ground?.[Symbol.asyncDispose]())

describe('the same archives, loaded by psql as a superuser: the witnesses see something', () => {
  test.each(attacks)('$fault $name: $sees', attack => {
    expect(ground.archives.has(attack.name)).toBe(true)
    expect(tripped.get(attack.name)).not.toEqual([])
  })
})
