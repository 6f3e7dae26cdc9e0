"""Accept, check, hold, seal and cancel messages of this member.

Imports the rooms before it.
"""
