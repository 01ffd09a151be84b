import { describe, expect, test } from 'vitest'
import {
  plainRole,
  type RecordedMembership,
  type RecordedRoles,
} from '../../../../src/sources/postgres/roles/recorded-roles.ts'
import {
  creation,
  memberships,
  parameterRights,
  type RoleDecision,
  type RoleState,
  roleRights,
} from '../../../../src/sources/postgres/roles/role-steps.ts'

const granted = (role: string, given: Partial<RecordedMembership> = {}): RecordedMembership => ({
  ...{ role, member: 'fresh', admin: false, inherit: null, set: true, grantor: null },
  ...given,
})

function decide(
  all: readonly RecordedMembership[],
  given: { readonly serverMajor?: number; readonly inherits?: boolean; readonly withRights?: boolean } = {},
): readonly string[] {
  const recorded: RecordedRoles = {
    roles: [{ ...plainRole('fresh'), inherit: given.inherits ?? true }, plainRole('group')],
    memberships: all,
    parameterRights: [],
  }
  const existing = new Map<string, RoleState>([
    ['there', 'plain'],
    ['postgres', 'mighty'],
    ['backup_loader_0', 'ours'],
  ])
  const { serverMajor = 18, withRights = false } = given
  const known = { made: new Set(['fresh', 'group']), existing, serverMajor, withRights }
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
      'role fresh may not grant there on: that role was there before; --with-role-rights gives it',
      'role fresh does not become a member of postgres: its rights reach beyond one database; --with-role-rights gives it',
      'role fresh does not become a member of nowhere: the server has no such role',
    ])
  })

  test('FM146 a person can say that it becomes one, but of no loader', () => {
    const all = [granted('there', { admin: true }), granted('postgres'), granted('backup_loader_0')]

    expect(decide(all, { withRights: true })).toEqual([
      'GRANT "there" TO "fresh" WITH ADMIN OPTION',
      'GRANT "postgres" TO "fresh"',
      'role fresh does not become a member of backup_loader_0: a loader of this program is no role',
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
    const more = 'role fresh does not become a member of group: this server can only give more than the archive says'

    expect(decide([granted('group', { inherit: false })], { serverMajor: 15 })).toEqual([more])
    expect(decide([granted('group', { inherit: true, set: false })], { serverMajor: 15 })).toEqual([more])
    expect(decide([granted('group', { inherit: true })], { serverMajor: 15 })).toEqual(['GRANT "group" TO "fresh"'])
  })
})

describe('rights that a restore gives to a role that it makes', () => {
  const mighty = {
    ...{ ...plainRole('fresh'), superuser: true, createRole: true, createDb: true },
    ...{ login: true, replication: true, bypassRls: true },
  }

  test('FM146 none that reaches beyond one database, unless a person said so', () => {
    expect(textOf(creation({ ...mighty, inherit: false, connectionLimit: 3 }))).toBe(
      'CREATE ROLE "fresh" WITH NOINHERIT CONNECTION LIMIT 3',
    )
    expect(roleRights(mighty, { withRights: false }).map(textOf)).toEqual([
      'role fresh does not get SUPERUSER, CREATEROLE, CREATEDB, REPLICATION, BYPASSRLS, LOGIN: --with-role-rights gives them, or ALTER ROLE',
    ])
    expect(roleRights(mighty, { withRights: true }).map(textOf)).toEqual(
      ['SUPERUSER', 'CREATEROLE', 'CREATEDB', 'REPLICATION', 'BYPASSRLS', 'LOGIN'].map(
        right => `ALTER ROLE "fresh" WITH ${right}`,
      ),
    )
    expect(roleRights(plainRole('fresh'), { withRights: false })).toEqual([])
  })

  test('FM146 on a parameter neither, and never one for everybody', () => {
    const right = { parameter: 'log_statement', grantee: 'fresh', privileges: ['SET' as const], grantable: true }
    const recorded = { roles: [], memberships: [], parameterRights: [right, { ...right, grantee: null }] }
    const made = new Set(['fresh'])

    expect(parameterRights(recorded, { made, withRights: false }).map(textOf)).toEqual([
      'role fresh does not get the right to SET parameter log_statement: --with-role-rights gives it',
    ])
    expect(parameterRights(recorded, { made, withRights: true }).map(textOf)).toEqual([
      'GRANT SET ON PARAMETER "log_statement" TO "fresh" WITH GRANT OPTION',
    ])
  })
})

test('FM93 a role with the name of a loader is none', () => {
  expect(textOf(creation(plainRole('backup_loader_0123')))).toBe('a loader of this program is no role')
})
