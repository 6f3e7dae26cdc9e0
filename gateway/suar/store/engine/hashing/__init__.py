"""How each database has the hashes of protected rows written, and how its schema is compared with the code's.

May import the engine's `row_macs` and what that imports, and migrations; `database` chooses between the two.
"""
