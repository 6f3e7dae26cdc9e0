"""Backup, restore, and what is read back from the member's own streams.

Imports the rooms before it.
"""
