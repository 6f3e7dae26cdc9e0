"""The database: opening, migrating, committing, prepared statements, encryption at rest.

Imports the tables.
"""
