"""How the hashes of protected rows are written in each database, and how its schema is compared with the code's.

Imports backends, bookkeeping, row_macs and protection of the engine, and migrations; `database` chooses between them.
"""
