"""Backup, restore, and reading back from the member's own streams.

Imports the rooms before it.
"""
