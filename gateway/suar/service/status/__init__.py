"""Status: health, `why`, peers, catch-up and the audit.

Imports the rooms before it.
"""
