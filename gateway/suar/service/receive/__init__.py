"""Objects from the bus: judged in batches, committed, acknowledged.

Imports the rooms before it.
"""
