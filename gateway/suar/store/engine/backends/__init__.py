"""The two databases that a store is kept in, behind one seam: how connections are opened, what else differs.

May import `faults` of the engine and nothing of the store above it.
"""
