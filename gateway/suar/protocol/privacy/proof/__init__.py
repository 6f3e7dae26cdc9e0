"""What a reader can compute: the finest cells as unknowns, linear programs, intervals (docs/privacy.md).

Imports the message types and the solver.
"""
