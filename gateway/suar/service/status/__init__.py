"""Health, `why`, peers, catching up and the audit as they are shown.

Imports the rooms before it.
"""
