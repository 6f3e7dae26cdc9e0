"""Counts in texts and denominators that disclose what a table hides.

Imports `text` and the cells of `proof`.
"""
