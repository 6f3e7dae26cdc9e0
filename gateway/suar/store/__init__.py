"""SQL only: the state of record.

`engine` opens, migrates and commits; `tables` defines what is stored; one module for each subject reads and writes it.
Every function uses a connection whose transaction belongs to its caller, so that related changes are committed
together.

Imports files, observe and the protocol only.
"""
