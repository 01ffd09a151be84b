import { isDoStatement } from './do-block.ts'
import { DumpReader } from './dump-reader.ts'
import { rolesNamedBy } from './named-roles.ts'
import { sessionSetting } from './session-settings.ts'
import { routeStatement } from './statement-route.ts'
import { decodingsOf } from './text-encoding.ts'

/** What the text of a dump says of roles, as it passes by. */
export class RolesInDump {
  /** Those that its statements need, in each way in which the bytes of a name can be read. */
  readonly named = new Set<string>()
  /** The statements that concern the whole server: none in a dump of pg_dump alone. */
  readonly ofServer: Buffer[] = []
  readonly #reader = new DumpReader()
  /** Of the text that was read last. */
  encoding: string

  /** `encoding`: that of the text until it says otherwise. */
  constructor(encoding: string) {
    this.encoding = encoding
  }

  /** Whether a role was named in these bytes that was not before. */
  write(chunk: Buffer): boolean {
    const before = this.named.size
    for (const item of this.#reader.read(chunk)) if (item.type === 'statement') this.#add(item.bytes)
    return this.named.size > before
  }

  #add(statement: Buffer): void {
    const setting = sessionSetting(statement)
    if (setting?.name === 'client_encoding') this.encoding = setting.value
    else if (isDoStatement(statement) || routeStatement(statement) === 'server') this.ofServer.push(statement)
    else
      for (const bytes of rolesNamedBy(statement))
        for (const name of decodingsOf(bytes, this.encoding)) this.named.add(name)
  }
}
