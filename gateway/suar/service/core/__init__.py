"""Store, world and sender on one thread: group commit, tokens, and the seams for clock and faults.

Imports the settings.
"""
