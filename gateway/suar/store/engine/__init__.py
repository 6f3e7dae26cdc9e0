"""The database: opening, migrating, committing, prepared statements, sealing at rest.

Imports the tables.
"""
