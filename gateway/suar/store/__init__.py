"""SQL and nothing but SQL: the state of record."""
