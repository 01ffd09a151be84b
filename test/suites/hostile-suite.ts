import { afterAll, beforeAll, describe, test } from 'vitest'
import type { Attack } from '../corpus/hostile/attack.ts'
import { expectHarmless } from '../support/hostile-expectation.ts'
import { type Ground, type GroundOptions, prepareGround } from '../support/hostile-ground.ts'
import { type Finding, runAttacks } from '../support/hostile-runs.ts'

const GROUPS: Readonly<Record<Attack['fault'], string>> = {
  FM77: 'FM77 code of the owners of tables runs as nobody',
  FM90: 'FM90 nothing of an archive is called by our queries or by pg_dump',
  FM91: 'FM91 what only a superuser can make is not made while code of an archive can run',
  FM92: 'FM92 no text of a tampered archive or manifest becomes SQL, a path or a program',
  FM143: 'FM143 what ANALYZE calls before the swap runs as nobody',
}

/** Backs the attacks up, restores and proves them, and expects that no witness has changed: one test for each. */
export function hostileSuite(options: GroundOptions): void {
  let ground: Ground
  let findings: ReadonlyMap<string, Finding>

  beforeAll(async () => {
    ground = await prepareGround(options)
    findings = await runAttacks(ground, options.attacks)
  }, 2_400_000)

  afterAll(async () => await ground?.[Symbol.asyncDispose]())

  for (const fault of ['FM77', 'FM90', 'FM91', 'FM92', 'FM143'] as const) {
    const attacks = options.attacks.filter(attack => attack.fault === fault)
    if (attacks.length === 0) continue
    describe(GROUPS[fault], () => {
      test.each(attacks)(`${fault} $name: $where`, attack => expectHarmless(attack, findings.get(attack.name)))
    })
  }
}
