"""Our statements about messages of others, and theirs about ours.

Imports the rooms before it.
"""
