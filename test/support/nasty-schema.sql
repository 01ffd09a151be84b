CREATE SCHEMA "odd; -- schema";
CREATE SCHEMA shop$1;
CREATE TYPE public.mood AS ENUM ('sad;', 'it''s', '\.', E'new\nline');
CREATE DOMAIN public.code AS text CONSTRAINT code_check CHECK (VALUE ~ '^\w+\\;$|''');

CREATE TABLE shop$1."we""ird; TABLE" (
    "id$" integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    "COPY x FROM stdin;" text DEFAULT 'a;b -- c',
    "begin" text DEFAULT E'tab\\t''\n\\.\n',
    "Größe )" public.mood,
    twice integer GENERATED ALWAYS AS (1 + 1) STORED
);
INSERT INTO shop$1."we""ird; TABLE" ("COPY x FROM stdin;", "begin", "Größe )") VALUES
    (E'\\.', E'\\.\n\\.', 'sad;'), (E'x\n\\.\ny', NULL, 'it''s'), ('-- PostgreSQL database dump complete', '', E'new\nline'),
    (E'\n--\n-- PostgreSQL database dump complete\n--\n', E'\t\b\f\r\v\\', '\.'), ('SELECT 1;', $$'"$$, NULL), (DEFAULT, DEFAULT, DEFAULT);
INSERT INTO shop$1."we""ird; TABLE" ("COPY x FROM stdin;") SELECT repeat(E'long \\ ; ''\n', 20000) FROM generate_series(1, 3);

CREATE TABLE "odd; -- schema".nothing ();
INSERT INTO "odd; -- schema".nothing DEFAULT VALUES;
INSERT INTO "odd; -- schema".nothing DEFAULT VALUES;
CREATE TABLE public.only_generated (g integer GENERATED ALWAYS AS (3) STORED);
INSERT INTO public.only_generated DEFAULT VALUES;
CREATE TABLE public.empty (a integer);
CREATE TABLE public.log (at timestamptz DEFAULT '2026-11-20 01:00:00-07', what text, raw bytea, doc xml) PARTITION BY RANGE (at);
CREATE TABLE public.log_2026 PARTITION OF public.log FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
INSERT INTO public.log VALUES (DEFAULT, 'x', '\x00ff5c2e', '<a>;</a>');
CREATE TABLE public.narrow (a integer);
INSERT INTO public.narrow SELECT generate_series(1, 100000);

CREATE FUNCTION public.plain(a integer) RETURNS text LANGUAGE plpgsql AS $body$
BEGIN
  -- it's; $$ and $_$ and $function$
  EXECUTE $q$ SELECT 'COPY x FROM stdin;' $q$;
  RETURN '
COPY x FROM stdin;
1
\.
-- PostgreSQL database dump complete
\unrestrict x
';
END $body$;
CREATE FUNCTION public.quoted() RETURNS text LANGUAGE sql AS 'SELECT ''it''''s; $$ '' || $a$;$1$a$' ;
CREATE FUNCTION public.atomic(a integer) RETURNS integer LANGUAGE sql
BEGIN ATOMIC
  SELECT CASE WHEN a > 1 THEN CASE a WHEN 2 THEN 1 ELSE 3 END ELSE 2 END;
  SELECT (CASE WHEN a > 1 THEN 1 ELSE 2 END) AS "end";
  SELECT length('; END; -- ') FROM public.empty WHERE empty.a IN (SELECT 1);
END;
CREATE PROCEDURE public.changes(x text DEFAULT 'a;b')
BEGIN ATOMIC
  INSERT INTO public.empty VALUES (1);
  DELETE FROM public.empty WHERE a = 1;
END;
CREATE FUNCTION public.returning_case(a integer) RETURNS integer RETURN CASE WHEN a > 1 THEN 1 ELSE 2 END;
CREATE FUNCTION public.touched() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
CREATE TRIGGER "touch;" BEFORE INSERT ON public.empty FOR EACH ROW WHEN (NEW.a > 1) EXECUTE FUNCTION public.touched('a;''b', '\');
CREATE RULE twice AS ON UPDATE TO public.empty
    DO ALSO (INSERT INTO public.narrow VALUES (NEW.a); UPDATE public.narrow SET a = 1 WHERE false; NOTIFY "x;y");
CREATE VIEW public.seen AS SELECT CASE WHEN a > 1 THEN 'a;''b' ELSE E'\\;\n' END AS "case", a - -1 AS minus FROM public.narrow;
CREATE MATERIALIZED VIEW public.counted AS SELECT count(*) AS "/* n" FROM public.narrow;
CREATE OPERATOR public.-/ (LEFTARG = integer, RIGHTARG = integer, FUNCTION = int4pl);
CREATE SEQUENCE public."s';" START 7 INCREMENT 3;
SELECT nextval('public."s'';"');

COMMENT ON TABLE public.empty IS E'COPY public.empty (a) FROM stdin;\n1\n\\.\n--\n-- PostgreSQL database dump complete\n--\n\\! echo\n';
COMMENT ON FUNCTION public.plain(integer) IS '/* $$ '' \';
COMMENT ON SCHEMA shop$1 IS 'BEGIN ATOMIC (((';
ALTER TABLE public.empty ENABLE ROW LEVEL SECURITY;
CREATE POLICY "p;" ON public.empty USING ((a > 1) OR ('x;' = E'\\'));

SELECT lo_from_bytea(70001, decode(repeat('00275c2e0a', 40000), 'hex'));
SELECT lo_from_bytea(70002, '');
COMMENT ON LARGE OBJECT 70001 IS 'it''s; large';
