import { describe, expect, test } from 'vitest'
import {
  plainRole,
  type RecordedMembership,
  type RecordedRoles,
} from '../../../../src/sources/postgres/roles/recorded-roles.ts'
import {
  creation,
  memberships,
  type RoleDecision,
  type RoleState,
} from '../../../../src/sources/postgres/roles/role-steps.ts'

const granted = (role: string, given: Partial<RecordedMembership> = {}): RecordedMembership => ({
  ...{ role, member: 'fresh', admin: false, inherit: null, set: true, grantor: null },
  ...given,
})

function decide(
  all: readonly RecordedMembership[],
  given: { readonly serverMajor?: number; readonly inherits?: boolean } = {},
): readonly string[] {
  const recorded: RecordedRoles = {
    roles: [{ ...plainRole('fresh'), inherit: given.inherits ?? true }, plainRole('group')],
    memberships: all,
    parameterRights: [],
  }
  const existing = new Map<string, RoleState>([
    ['there', 'plain'],
    ['postgres', 'mighty'],
  ])
  const known = { made: new Set(['fresh', 'group']), existing, serverMajor: given.serverMajor ?? 18 }
  return memberships(recorded, known).map(textOf)
}

function textOf(decision: RoleDecision): string {
  return 'step' in decision ? decision.step.sql : decision.withheld.text
}

describe('memberships that a restore gives', () => {
  test('FM96 a role that was there becomes a member of nothing', () => {
    expect(decide([granted('group', { member: 'there' }), granted('group', { member: 'nowhere' })])).toEqual([])
  })

  test('FM96 a new role becomes a member of a role that was there only where that one has no rights over the server', () => {
    expect(decide([granted('there', { admin: true }), granted('postgres'), granted('nowhere')])).toEqual([
      'GRANT "there" TO "fresh"',
      'role fresh may not grant there on: that role was there before',
      'role fresh was not made a member of postgres: its rights reach beyond one database, and no archive gives such away',
      'role fresh was not made a member of nowhere: the server has no such role',
    ])
  })

  test('each is given once, in the words of the server', () => {
    const all = [
      granted('group', { admin: true, inherit: false, grantor: 'a' }),
      granted('group', { admin: true, inherit: false, grantor: 'b' }),
    ]

    expect(decide(all)).toEqual(['GRANT "group" TO "fresh" WITH ADMIN OPTION, INHERIT FALSE'])
    expect(decide(all, { serverMajor: 15, inherits: false })).toEqual(['GRANT "group" TO "fresh" WITH ADMIN OPTION'])
  })

  test('a server before 16 gives nothing rather than more', () => {
    const more = 'role fresh was not made a member of group: this server can only give more than the archive says'

    expect(decide([granted('group', { inherit: false })], { serverMajor: 15 })).toEqual([more])
    expect(decide([granted('group', { inherit: true, set: false })], { serverMajor: 15 })).toEqual([more])
    expect(decide([granted('group', { inherit: true })], { serverMajor: 15 })).toEqual(['GRANT "group" TO "fresh"'])
  })
})

test('FM93 a role with the name of a loader is none', () => {
  expect(textOf(creation(plainRole('backup_loader_0123')))).toBe('a loader of this program is no role')
})
