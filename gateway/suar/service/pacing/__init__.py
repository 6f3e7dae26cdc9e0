"""When the loops run: what wakes them, readiness, the sending window, and how long receipts wait.

Imports the rooms before it.
"""
