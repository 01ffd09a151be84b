import { doBlock, tolerantBlock } from '../sql/do-block.ts'
import { quoteLiteral } from '../sql/quote.ts'
import { splitStatements } from '../sql/split-statements.ts'
import { membershipBlock } from './membership-block.ts'

const HEAD = `--
-- Roles of the server, created only where they are missing; existing ones are never touched.
-- No passwords are in here: a new login role has none, and can't log in with one until it is given one.
--

SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
-- So that a block with words that this server does not know fails by itself, into its warning.
SET check_function_bodies = off;

`

/** The first part of an archive, and how many statements of pg_dumpall were not understood and left out. */
export interface RolesPart {
  readonly text: string
  readonly roles: number
  readonly unknown: number
}

/**
 * What `pg_dumpall --roles-only --no-role-passwords` wrote, as blocks that may be run anywhere and by anybody: one per role, with its
 * attributes, settings and comment; one per membership; one per right on a parameter.
 */
export function rolesPart(dumpall: string): RolesPart {
  const script = new RoleScript()
  for (const statement of splitStatements(Buffer.from(dumpall)).statements) script.add(statement.toString('utf8'))
  return script.finish()
}

const IDENTIFIER = '"(?:[^"]|"")+"|[^\\s";,]+'
const CREATE = new RegExp(`^CREATE ROLE (${IDENTIFIER});$`, 's')
const ATTRIBUTES = new RegExp(`^ALTER ROLE (${IDENTIFIER}) WITH (.*);$`, 's')
const FOLLOWING = new RegExp(
  `^(?:ALTER ROLE (${IDENTIFIER}) SET|COMMENT ON ROLE (${IDENTIFIER}) IS|SECURITY LABEL FOR .* ON ROLE (${IDENTIFIER}) IS) `,
  's',
)
const MEMBERSHIP = new RegExp(
  `^GRANT (?<role>${IDENTIFIER}) TO (?<member>${IDENTIFIER})(?: WITH (?<options>.*?))?(?: GRANTED BY (?:${IDENTIFIER}))?;$`,
  's',
)
const PARAMETER = /^(?:GRANT|REVOKE) .* ON PARAMETER /s
/** Session settings and the grantor of a right: neither means anything on another server. */
const SESSION = /^(?:SET|RESET) /

interface Role {
  /** As written, with its quotation marks. */
  readonly name: string
  attributes: string
  readonly following: string[]
}

/** Collects the statements of one script, role by role. */
class RoleScript {
  readonly #roles = new Map<string, Role>()
  readonly #grants: string[] = []
  #unknown = 0

  add(statement: string): void {
    const created = CREATE.exec(statement)?.[1]
    if (created !== undefined) this.#roles.set(created, { name: created, attributes: '', following: [] })
    else if (!this.#addToRole(statement) && !this.#addGrant(statement) && !SESSION.test(statement)) this.#unknown++
  }

  finish(): RolesPart {
    const blocks = [...[...this.#roles.values()].map(roleBlock), ...new Set(this.#grants)]
    return {
      text: `${HEAD}${blocks.join('\n')}\n--\n-- End of the roles part\n--\n\n`,
      roles: this.#roles.size,
      unknown: this.#unknown,
    }
  }

  #addToRole(statement: string): boolean {
    const attributes = ATTRIBUTES.exec(statement)
    const following = FOLLOWING.exec(statement)
    const role = this.#roles.get(attributes?.[1] ?? following?.slice(1).find(name => name !== undefined) ?? '')
    if (role === undefined) return false
    if (attributes === null) role.following.push(statement)
    else role.attributes = attributes[2] ?? ''
    return true
  }

  #addGrant(statement: string): boolean {
    const { role, member, options = '' } = MEMBERSHIP.exec(statement)?.groups ?? {}
    if (role !== undefined && member !== undefined)
      this.#grants.push(membershipBlock({ role, member, options, inherits: this.#inherits(member) }))
    else if (PARAMETER.test(statement)) this.#grants.push(doBlock([`  ${statement}`]))
    else return false
    return true
  }

  #inherits(member: string): boolean | null {
    const word = /\b(?:NO)?INHERIT\b/.exec(this.#roles.get(member)?.attributes ?? '')?.[0]
    return word === undefined ? null : word === 'INHERIT'
  }
}

function roleBlock(role: Role): string {
  const attributes = givenAttributes(role.attributes)
  return doBlock([
    `  IF EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = ${quoteLiteral(bareName(role.name))}) THEN RETURN; END IF;`,
    `  CREATE ROLE ${role.name}${attributes === '' ? '' : ` WITH ${attributes}`};`,
    // Each for itself: an unknown parameter must not cost the role.
    ...role.following.map(statement => `${tolerantBlock([`  ${statement}`])};`),
  ])
}

/**
 * The attributes without those that a new role has anyway: only a superuser may write NOSUPERUSER or NOREPLICATION,
 * although it changes nothing.
 */
function givenAttributes(attributes: string): string {
  const words = /^(?:[A-Z]+ ?)+/.exec(attributes)?.[0] ?? ''
  const given = words
    .split(' ')
    .filter(word => !/^NO(?:SUPERUSER|CREATEROLE|CREATEDB|LOGIN|REPLICATION|BYPASSRLS)$/.test(word))
  return `${given.join(' ')}${attributes.slice(words.length)}`.trim()
}

function bareName(identifier: string): string {
  return identifier.startsWith('"') ? identifier.slice(1, -1).replaceAll('""', '"') : identifier
}
