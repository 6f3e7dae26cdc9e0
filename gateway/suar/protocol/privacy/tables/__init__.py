"""A trend's table as it is sent: which cells are hidden and why, and what its author is shown.

Imports `proof`.
"""
