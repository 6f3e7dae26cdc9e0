"""The database: opening, migrating, committing, prepared statements, encryption at rest.

Imports tables, faults and migrations.
"""
