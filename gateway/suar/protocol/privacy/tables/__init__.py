"""A trend's table as it is sent: which cells are hidden and why, and the report for its author.

Imports `proof`.
"""
