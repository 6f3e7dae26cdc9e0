"""Counts in texts and denominators that disclose what a table hides.

Imports `text`, `prose`, `tables` and the cells of `proof`.
"""
