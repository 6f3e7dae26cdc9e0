"""How the hashes of protected rows are written in each database, and how its schema is compared with the code's.

May import the engine's `row_macs` and what that imports, and migrations; `database` chooses between the two.
"""
