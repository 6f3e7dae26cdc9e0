"""Compares the schema of a store in PostgreSQL with the list that the code expects.

schema_postgresql.json has the objects of this version, including those that write hashes: `python -m
suar.store.migrations.schema_postgresql URL`, with the URL of a database that a gateway of this version has opened,
writes them. Everything outside the server's own schemas is compared, including everything that runs by itself.

The server words a definition anew when it reads its own dump. A database that pg_dump and pg_restore, or pg_upgrade,
made may have those objects in that wording, exactly (_RELOADED).
"""

import json
import sys
from functools import cache
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, create_engine, text

FILE: Final = Path(__file__).with_name("schema_postgresql.json")
NEXT: Final = "put the database back as it was, with nothing in it but the store; what else is needed belongs elsewhere"
_OBJECTS_MAX: Final = 5_000
_REMADE: Final = ("function", "trigger")  # the kinds of those that an opening makes
_SQL_MAX: Final = 20_000  # characters of one definition
_LISTED: Final = text(
    """
    WITH spaces AS (
      SELECT oid FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'
    ), lasting AS (
      SELECT oid FROM pg_namespace WHERE nspname !~ '^pg_(temp|toast)'
    ), relations AS (
      SELECT oid, relname, relkind, relpersistence, relrowsecurity, relforcerowsecurity FROM pg_class
      WHERE relnamespace IN (SELECT oid FROM spaces)
    ), listed AS (
      SELECT 'trigger' AS kind, tgname::text AS name, tgrelid::regclass::text AS of,
        concat_ws(' ', tgenabled, pg_get_triggerdef(oid)) AS definition FROM pg_trigger WHERE NOT tgisinternal
      UNION ALL SELECT 'event trigger', evtname, '', evtevent FROM pg_event_trigger
      UNION ALL SELECT 'rule', rulename, ev_class::regclass::text, pg_get_ruledef(oid) FROM pg_rewrite
        WHERE ev_class IN (SELECT oid FROM relations)
      UNION ALL SELECT 'policy', polname, polrelid::regclass::text, '' FROM pg_policy
      UNION ALL SELECT 'function', proname || '(' || pg_get_function_identity_arguments(p.oid) || ')', '',
        concat_ws(' ', lanname, prosecdef, proconfig, prosrc) FROM pg_proc p JOIN pg_language l ON l.oid = prolang
        WHERE p.oid >= 16384 AND pronamespace IN (SELECT oid FROM lasting) AND probin IS DISTINCT FROM '$libdir/plpgsql'
      UNION ALL SELECT 'schema', nspname, '', '' FROM pg_namespace WHERE oid IN (SELECT oid FROM spaces)
      UNION ALL SELECT 'relation', relname, '', concat_ws(' ', relkind, relpersistence, relrowsecurity,
        relforcerowsecurity, pg_get_indexdef(i.indexrelid), i.indisvalid, seqtypid::regtype, seqstart, seqincrement,
        seqmin, seqmax, seqcache, seqcycle) FROM relations r
        LEFT JOIN pg_index i ON i.indexrelid = r.oid LEFT JOIN pg_sequence ON seqrelid = r.oid
      UNION ALL SELECT 'inheritance', inhrelid::regclass::text, inhparent::regclass::text, '' FROM pg_inherits
      UNION ALL SELECT 'column', attname, relname, concat_ws(' ', format_type(atttypid, atttypmod), attnotnull,
        attidentity, attgenerated, (SELECT CASE WHEN oid < 16384 THEN collname ELSE oid::text END FROM pg_collation c
        WHERE c.oid = attcollation),
        pg_get_expr(adbin, adrelid)) FROM relations r JOIN pg_attribute a ON attrelid = r.oid AND attnum > 0
        AND NOT attisdropped LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
        WHERE relkind NOT IN ('i', 'S')
      UNION ALL SELECT 'constraint', conname, conrelid::regclass::text, pg_get_constraintdef(oid) FROM pg_constraint
        WHERE contype <> 'n' AND connamespace IN (SELECT oid FROM spaces)
      UNION ALL SELECT 'type', typname, '', typtype::text FROM pg_type t WHERE oid >= 16384
        AND typnamespace IN (SELECT oid FROM lasting)
        AND typcategory <> 'A' AND NOT (typtype = 'c' AND typrelid IN (SELECT oid FROM relations WHERE relkind = 'r'))
      UNION ALL SELECT 'operator', oprname, '', oid::regoperator::text FROM pg_operator
        WHERE oid >= 16384
      UNION ALL SELECT 'cast', castsource::regtype::text, '', casttarget::regtype::text FROM pg_cast WHERE oid >= 16384
      UNION ALL SELECT 'extension', extname, '', '' FROM pg_extension WHERE extname <> 'plpgsql'
      UNION ALL SELECT 'language', lanname, '', '' FROM pg_language WHERE oid >= 16384 AND lanname <> 'plpgsql'
      UNION ALL SELECT 'collation', collname, '', '' FROM pg_collation WHERE collnamespace IN (SELECT oid FROM spaces)
      UNION ALL SELECT 'foreign data wrapper', fdwname, '', '' FROM pg_foreign_data_wrapper
      UNION ALL SELECT 'publication', pubname, '', '' FROM pg_publication
      UNION ALL SELECT 'subscription', subname, '', '' FROM pg_subscription
        WHERE subdbid = (SELECT oid FROM pg_database WHERE datname = current_database())
    )
    SELECT kind, left(name, 200) AS name, of, left(definition, :longest) AS definition FROM listed
    ORDER BY kind NOT IN ('trigger', 'event trigger', 'rule', 'policy', 'function'), kind, of, name LIMIT :most
    """
)
_NUMBER: Final = text(
    """
    WITH relations AS (
      SELECT oid, relname, relkind, relpersistence, relnamespace, relrowsecurity, relforcerowsecurity FROM pg_class
        WHERE oid >= 16384
        AND relnamespace IN (SELECT oid FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema')
    ), seen AS (
      SELECT concat('relation ', oid, ' ', relname, ' ', relkind, relpersistence, relnamespace, relrowsecurity,
        relforcerowsecurity) AS one FROM relations
      UNION ALL SELECT concat_ws(' ', 'sequence', seqrelid, seqtypid, seqstart, seqincrement, seqmin, seqmax, seqcache,
        seqcycle) FROM pg_sequence
      UNION ALL SELECT concat('inheritance ', inhrelid, ' ', inhparent, ' ', inhseqno) FROM pg_inherits
      UNION ALL SELECT concat('subscription ', oid, ' ', subname) FROM pg_subscription
        WHERE subdbid = (SELECT oid FROM pg_database WHERE datname = current_database())
      UNION ALL SELECT concat('publication ', oid, ' ', pubname) FROM pg_publication
      UNION ALL SELECT concat('language ', oid, ' ', xmin) FROM pg_language
      UNION ALL SELECT concat('foreign server ', oid, ' ', xmin) FROM pg_foreign_data_wrapper
      UNION ALL SELECT concat('collation ', oid, ' ', xmin) FROM pg_collation WHERE oid >= 16384
      UNION ALL SELECT concat('column ', attrelid, ' ', attnum, ' ', a.xmin) FROM pg_attribute a
        WHERE attrelid IN (SELECT oid FROM relations WHERE relkind = 'r') AND attnum > 0
      UNION ALL SELECT concat('default ', oid, ' ', xmin) FROM pg_attrdef
      UNION ALL SELECT concat('constraint ', oid, ' ', xmin) FROM pg_constraint WHERE oid >= 16384
      UNION ALL SELECT concat('trigger ', oid, ' ', xmin) FROM pg_trigger
      UNION ALL SELECT concat('event trigger ', oid, ' ', xmin) FROM pg_event_trigger
      UNION ALL SELECT concat('rule ', oid, ' ', xmin) FROM pg_rewrite WHERE oid >= 16384
      UNION ALL SELECT concat('policy ', oid, ' ', xmin) FROM pg_policy
      UNION ALL SELECT concat('function ', oid, ' ', xmin) FROM pg_proc WHERE oid >= 16384
      UNION ALL SELECT concat('operator ', oid, ' ', xmin) FROM pg_operator WHERE oid >= 16384
      UNION ALL SELECT concat('type ', oid, ' ', xmin) FROM pg_type WHERE oid >= 16384 AND typtype <> 'c'
        AND typcategory <> 'A'
      UNION ALL SELECT concat('cast ', oid, ' ', xmin) FROM pg_cast WHERE oid >= 16384
      UNION ALL SELECT concat('schema ', oid, ' ', xmin) FROM pg_namespace WHERE nspname !~ '^pg_(temp|toast)'
      UNION ALL SELECT concat('session ', CASE WHEN :writes THEN concat_ws(' ', pg_my_temp_schema(),
        current_setting('session_replication_role'), current_setting('search_path'),
        current_setting('client_min_messages'), current_setting('bytea_output')) ELSE :opened END)
    )
    SELECT sum(hashtextextended(one, :seed)) FROM seen
    """
)

_OPENED: Final = "0 origin public, pg_temp notice hex"
"""The session that writes as the gateway opened it: engine/backends/sessions.py, engine/hashing/notices.py."""

Objects = dict[tuple[str, str, str], str]
"""(kind, name, table) -> definition."""

_RELOADED: Final[Objects] = {
    ("relation", "audit_given", ""): "i p f f CREATE INDEX audit_given ON public.audit USING btree (about) WHERE"
    " ((what)::text = ANY (ARRAY[('export'::character varying)::text, ('evidence'::character varying)::text])) t",
}
"""The same definitions as the server states them once it has read its own dump; a later dump keeps this wording."""


def difference(connection: Connection, *, is_open: bool = True) -> str | None:
    """Return the first object that differs from the expected schema, in words; None if nothing differs.

    Not `is_open`: without the gateway's function and its triggers, which an opening makes anew where they differ.
    """
    expected, found = this_version(), listed(connection)
    if not is_open:
        remade = {key for key in expected if key[0] in _REMADE}
        expected, found = (_without(each, remade) for each in (expected, found))
    for key, definition in found.items():
        if definition not in (expected.get(key), _RELOADED.get(key)):
            what = "is defined otherwise" if key in expected else "does not belong to it"
            return f"{_words(key)} {what}"
    missing = min(expected.keys() - found.keys(), default=None)
    return None if missing is None else f"{_words(missing)} is missing"


def _without(objects: Objects, left_out: set[tuple[str, str, str]]) -> Objects:
    return {key: definition for key, definition in objects.items() if key not in left_out}


def number(connection: Connection, seed: int, *, writes: bool = False) -> int:
    """Return a number of the schema that every change of it alters, including a change that was reverted.

    In a session that `writes`, a setting by which no trigger runs, or another table is written, alters it too.
    """
    return int(connection.execute(_NUMBER, {"seed": seed, "writes": writes, "opened": _OPENED}).scalar_one())


@cache
def this_version() -> Objects:
    """Return the objects of this version."""
    return {(kind, name, of): definition for kind, name, of, definition in json.loads(FILE.read_text())}


def listed(connection: Connection) -> Objects:
    """Return the objects of a database."""
    rows = connection.execute(_LISTED, {"longest": _SQL_MAX, "most": _OBJECTS_MAX})
    return {(row.kind, row.name, row.of): " ".join(row.definition.split()) for row in rows}


def _words(key: tuple[str, str, str]) -> str:
    kind, name, of = ("".join(each if each.isprintable() else "?" for each in part[:64]) for part in key)
    return f"{kind} {name} of {of}" if of else f"{kind} {name}"


def main(url: str) -> None:
    """Write the objects of that database."""
    engine: Any = create_engine(url)
    with engine.connect() as connection:
        rows = sorted([*key, definition] for key, definition in listed(connection).items())
    engine.dispose()
    sys.stdout.write("[\n" + ",\n".join(json.dumps(row) for row in rows) + "\n]\n")


if __name__ == "__main__":
    main(sys.argv[1])
