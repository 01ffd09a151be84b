import type { ObjectReference } from './object-reference.ts'
import { readable, type TokenReader } from './token-reader.ts'

/** What an ALTER statement changes of an object: the kind, and the part of the object that it names ('' for none). */
export interface AlteredPart {
  readonly kind: string
  readonly part: string
}

type Change = readonly [phrase: string, kind: string]

/** Longer phrases before those that they begin with; what stands behind is the name of the part. */
const CHANGES: readonly Change[] = [
  ['owner to', 'OWNER'],
  ['owned by', 'SEQUENCE OWNED BY'],
  ['inherit', 'INHERIT'],
  ['cluster on', 'CLUSTER'],
  ['replica identity using index', 'REPLICA IDENTITY'],
  ['replica identity', 'REPLICA IDENTITY'],
  ['validate constraint', 'VALIDATE CONSTRAINT'],
  ['set statistics', 'STATISTICS TARGET'],
  ['set access method', 'ACCESS METHOD'],
  ['add mapping for', 'MAPPING'],
  ['add tables in schema', 'PUBLICATION TABLES IN SCHEMA'],
  ['add table only', 'PUBLICATION TABLE'],
  ['add table', 'PUBLICATION TABLE'],
  ['enable always trigger', 'TRIGGER STATE'],
  ['enable replica trigger', 'TRIGGER STATE'],
  ['enable trigger', 'TRIGGER STATE'],
  ['disable trigger', 'TRIGGER STATE'],
  ['enable always rule', 'RULE STATE'],
  ['enable replica rule', 'RULE STATE'],
  ['enable rule', 'RULE STATE'],
  ['disable rule', 'RULE STATE'],
]

const ROW_SECURITY = ['enable', 'disable', 'force', 'no force'].map(word => `${word} row level security`)

const COLUMN_CHANGES: readonly Change[] = [
  ['set default', 'DEFAULT'],
  ['add generated', 'IDENTITY'],
  ['set statistics', 'STATISTICS TARGET'],
  ['set storage', 'COLUMN STORAGE'],
  ['set compression', 'COLUMN COMPRESSION'],
  ['options', 'COLUMN OPTIONS'],
]

/** Reads what follows the object's name in an ALTER statement. */
export function takeAlteredPart(reader: TokenReader, object: ObjectReference): AlteredPart {
  if (reader.take('attach partition'))
    return { kind: object.type === 'INDEX' ? 'INDEX ATTACH' : 'TABLE ATTACH', part: named(reader) }
  if (reader.take('add constraint')) return constraint(reader)
  if (reader.take('alter column')) return column(reader)
  if (ROW_SECURITY.some(phrase => reader.take(phrase))) return { kind: 'ROW SECURITY', part: '' }
  const change = CHANGES.find(([phrase]) => reader.take(phrase))
  if (change !== undefined) return { kind: change[1], part: partOf(change[1], reader) }
  if (object.type === 'EVENT TRIGGER') return { kind: 'EVENT TRIGGER STATE', part: '' }
  if (object.type === 'OPERATOR FAMILY' && reader.take('add')) return { kind: 'OPERATOR FAMILY MEMBERS', part: '' }
  return { kind: `ALTER ${object.type}`, part: '' }
}

function constraint(reader: TokenReader): AlteredPart {
  const part = named(reader)
  if (reader.sees('foreign key')) return { kind: 'FK CONSTRAINT', part }
  return { kind: reader.sees('check') ? 'CHECK CONSTRAINT' : 'CONSTRAINT', part }
}

function column(reader: TokenReader): AlteredPart {
  const part = named(reader)
  return { kind: COLUMN_CHANGES.find(([phrase]) => reader.take(phrase))?.[1] ?? 'COLUMN', part }
}

/** An owner, a sequence's column and a figure are what the object is given, not which part of it. */
function partOf(kind: string, reader: TokenReader): string {
  return ['OWNER', 'SEQUENCE OWNED BY', 'STATISTICS TARGET', 'ACCESS METHOD'].includes(kind) ? '' : named(reader)
}

function named(reader: TokenReader): string {
  return readable(reader.takeName() ?? '')
}
