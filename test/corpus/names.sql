-- Names with everything in them that breaks programs, and of 63 bytes.
CREATE SCHEMA "new
line";
CREATE SCHEMA "tab	and '""%s %n \ ; --";
CREATE SCHEMA "sixty_three_bytes_of_schema_name_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxx";
CREATE TABLE "new
line"."table
-- not a comment; DROP TABLE x;" ("col
umn" text, """" integer, "'" text, "\." text, "\N" text, " " text, "select" text, "COPY x FROM stdin;" text);
INSERT INTO "new
line"."table
-- not a comment; DROP TABLE x;" VALUES (E'a\n\\.\nb', 1, '''', '\.', '\N', ' ', 'select', E'\t');
CREATE INDEX "index
;" ON "new
line"."table
-- not a comment; DROP TABLE x;" ("col
umn");
CREATE TABLE "tab	and '""%s %n \ ; --"."größe 日本語 ☃ 😀 é" ("ключ" integer PRIMARY KEY, "מפתח" text CHECK ("מפתח" <> 'é;'));
INSERT INTO "tab	and '""%s %n \ ; --"."größe 日本語 ☃ 😀 é" SELECT n, U&'\+01F600' || n FROM generate_series(1, 20) n;
CREATE TABLE "sixty_three_bytes_of_schema_name_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"."日本語日本語日本語日本語日本語日本語日本語" ("sixty_three_bytes_of_column_name_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxx" serial PRIMARY KEY, "x" text);
INSERT INTO "sixty_three_bytes_of_schema_name_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"."日本語日本語日本語日本語日本語日本語日本語" (x) SELECT 'x' FROM generate_series(1, 3);
CREATE TABLE public."pg_dump --clean" ("$1" text, "a.b" text, "A" text, "a" text, "1" text);
INSERT INTO public."pg_dump --clean" VALUES ('$1', 'a.b', 'A', 'a', '1');
CREATE TABLE public."PUBLIC" (id integer);
CREATE TABLE public."stdin" ("from" text);
INSERT INTO public."stdin" VALUES ('FROM stdin;'), (E'COPY public.x (a) FROM stdin;\n'), ('\.'), (E'\\.\n'), ('-- PostgreSQL database dump complete'), ('\unrestrict x'), ('\! ls');
CREATE TYPE public."ty,pe(1)" AS ENUM ('va,lue', '"', '(', 'new
line');
CREATE FUNCTION public."fn(); --"("arg, 1" public."ty,pe(1)", "b" text DEFAULT '), (') RETURNS text LANGUAGE sql AS $$ SELECT 'x; $q$ \.
COPY x FROM stdin;
' $$;
CREATE VIEW public."vi
ew" AS SELECT "col
umn" AS "AS; " FROM "new
line"."table
-- not a comment; DROP TABLE x;";
CREATE SEQUENCE public."seq'""
;" START 5;
SELECT nextval('public."seq''""
;"');
CREATE TRIGGER "tri
gger" BEFORE UPDATE ON public."stdin" FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger();
COMMENT ON TABLE public."stdin" IS '
--
-- PostgreSQL database dump complete
--
';
CREATE STATISTICS public."st;" ON "a", "A" FROM public."pg_dump --clean";
