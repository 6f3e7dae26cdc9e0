"""The two databases in which a store can be, behind one interface: how connections are opened, and what else differs.

May import `faults` of the engine and nothing of the store above it.
"""
