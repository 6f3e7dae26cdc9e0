"""Protection of the table of a trend: the hidden cells with their reasons, and the report for the author.

Imports `proof`.
"""
