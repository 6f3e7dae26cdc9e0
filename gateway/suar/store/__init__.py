"""SQL and nothing but SQL: the state of record.

`engine` opens, migrates and commits, `tables` says what is kept, and one module a subject reads and writes it.
Every function takes a connection whose transaction is its caller's: what belongs together is committed together.
"""
