"""The two databases in which a store can be, behind one interface: how connections are opened, and what else differs.

Imports tables and `suar.store.faults`, and nothing else of the engine.
"""
