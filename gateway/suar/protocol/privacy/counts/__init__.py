"""Counts in the prose beside a table that tell what the table hides.

Imports `text` and the cells of `proof`.
"""
