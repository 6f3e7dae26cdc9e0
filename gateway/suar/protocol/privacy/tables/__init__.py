"""A trend table as it may leave: which cells are hidden, why, and what its author is told.

Imports `proof`.
"""
