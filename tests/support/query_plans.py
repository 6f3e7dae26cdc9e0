"""How SQLite finds the rows of statements: by which index, or by a look at all."""

from sqlalchemy import Connection, event


def plans(connection: Connection) -> list[str]:
    """How SQLite goes about each further query of this connection; the list grows with them."""
    found: list[str] = []

    def explain(_: object, cursor: object, statement: str, parameters: object, *__: object) -> None:
        if statement.startswith("SELECT"):
            raw = connection.connection.cursor()
            raw.execute(f"EXPLAIN QUERY PLAN {statement}", parameters)  # type: ignore[arg-type]  # a plan may be given a name or a number
            found.extend(row[3] for row in raw.fetchall())

    event.listen(connection, "before_cursor_execute", explain)
    return found
