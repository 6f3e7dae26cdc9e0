"""Counts in the text beside a table that disclose what the table hides.

Imports `text` and the cells of `proof`.
"""
