import { type Attack, added, trap } from './attack.ts'

export const TEXT_SEARCH: readonly Attack[] = [
  {
    name: 'search_template',
    fault: 'FM91',
    where: 'pg_ts_template, pg_ts_dict',
    sees: 'a dictionary hands on a number as an address: the server crashes',
    sql: `CREATE FUNCTION hostile.init(internal) RETURNS internal LANGUAGE internal AS 'int4um';
      CREATE TEXT SEARCH TEMPLATE hostile.template (INIT = hostile.init, LEXIZE = dsimple_lexize);
      CREATE TEXT SEARCH DICTIONARY hostile.dictionary (TEMPLATE = hostile.template);
      ${trap(`SELECT ts_lexize('hostile.dictionary', 'x')`)}`,
    expected: 'refused',
    names: /TEXT SEARCH/,
    quick: true,
  },
  {
    name: 'search_template_of_built_ins',
    fault: 'FM91',
    where: 'pg_ts_template of built-ins alone',
    sees: 'the state of one dictionary is read as that of another',
    sql: `CREATE TEXT SEARCH TEMPLATE hostile.template (INIT = dsimple_init, LEXIZE = thesaurus_lexize);
      CREATE TEXT SEARCH DICTIONARY hostile.dictionary (TEMPLATE = hostile.template);
      ${trap(`SELECT ts_lexize('hostile.dictionary', repeat('hello ', 20))`)}`,
    expected: 'refused',
    names: /TEXT SEARCH/,
    noControl: 'what is misread is memory of the server: it may go well',
  },
  {
    name: 'search_template_at_creation',
    fault: 'FM92',
    where: 'dump part: a template whose INIT crashes when a dictionary is made',
    sees: 'CREATE TEXT SEARCH DICTIONARY calls it: the server crashes',
    tampered:
      added(`CREATE FUNCTION hostile.init(internal) RETURNS internal LANGUAGE c AS '$libdir/pg_trgm', 'similarity';
CREATE TEXT SEARCH TEMPLATE hostile.template (INIT = hostile.init, LEXIZE = pg_catalog.dsimple_lexize);
CREATE TEXT SEARCH DICTIONARY hostile.dictionary (TEMPLATE = hostile.template);`),
    expected: 'refused',
  },
  {
    name: 'search_parser',
    fault: 'FM91',
    where: 'pg_ts_parser',
    sees: 'parsing calls with a number for an address: the server crashes',
    sql: `CREATE FUNCTION hostile.start(internal, integer) RETURNS internal LANGUAGE internal AS 'int4larger';
      CREATE TEXT SEARCH PARSER hostile.parser (START = hostile.start, GETTOKEN = prsd_nexttoken, END = prsd_end, LEXTYPES = prsd_lextype);
      ${trap(`SELECT ts_parse('hostile.parser', 'x')`)}`,
    expected: 'refused',
    names: /TEXT SEARCH/,
  },
  {
    name: 'search_configuration',
    fault: 'FM77',
    where: "pg_ts_config, pg_ts_dict over the server's own templates, in a generated column and an index",
    sees: 'a name with quotes ends the literal that it stands in',
    sql: `CREATE TEXT SEARCH DICTIONARY hostile."it's;" (TEMPLATE = simple, STOPWORDS = english);
      CREATE TEXT SEARCH CONFIGURATION hostile."con'fig" (COPY = simple);
      ALTER TEXT SEARCH CONFIGURATION hostile."con'fig" ALTER MAPPING FOR word WITH hostile."it's;";
      CREATE TABLE hostile.t (a text, v tsvector GENERATED ALWAYS AS (to_tsvector('hostile."con''fig"', a)) STORED);
      INSERT INTO hostile.t VALUES ('hello'); CREATE INDEX ON hostile.t USING gin (v);`,
    expected: 'proved',
    noControl: 'it holds no code: it is here for the names',
  },
  {
    name: 'search_path_of_files',
    fault: 'FM92',
    where: 'dump part: a dictionary whose files lie elsewhere',
    sees: 'a file of the server is read',
    tampered: added(
      `CREATE TEXT SEARCH DICTIONARY hostile.d (TEMPLATE = pg_catalog.ispell, DICTFILE = '../../../../../../etc/passwd', AFFFILE = '/etc/passwd');`,
    ),
    expected: 'any',
    noControl: 'PostgreSQL takes plain names only',
  },
]
