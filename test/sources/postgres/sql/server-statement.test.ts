import { describe, expect, test } from 'vitest'
import { isServerStatement } from '../../../../src/sources/postgres/sql/server-statement.ts'
import { identifyStatement } from '../../../../src/sources/postgres/sql/statement-identity.ts'

const isOfServer = (statement: string): boolean => isServerStatement(identifyStatement(Buffer.from(statement)))

describe('FM60 isServerStatement', () => {
  test.each([
    'DO $$ BEGIN END $$;',
    'CREATE ROLE app;',
    'ALTER ROLE app WITH NOSUPERUSER LOGIN;',
    'ALTER ROLE app SET work_mem TO 1;',
    'GRANT a TO b WITH ADMIN OPTION GRANTED BY postgres;',
    "COMMENT ON ROLE app IS 'x';",
    "CREATE TABLESPACE t OWNER app LOCATION '/x';",
    'GRANT SET ON PARAMETER log_statement TO app;',
  ])('%s concerns the server', statement => {
    expect(isOfServer(statement)).toBe(true)
  })

  test.each([
    'GRANT SELECT ON TABLE a.b TO c;',
    'REVOKE USAGE ON SCHEMA public FROM PUBLIC;',
    "COMMENT ON TABLE a.role IS 'x';",
    'CREATE TABLE a.role (id integer);',
    'ALTER DEFAULT PRIVILEGES FOR ROLE a IN SCHEMA b GRANT SELECT ON TABLES TO c;',
  ])('%s concerns a database', statement => {
    expect(isOfServer(statement)).toBe(false)
  })
})
