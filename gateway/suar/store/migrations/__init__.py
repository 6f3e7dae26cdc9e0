"""The versions of the store's schema: the steps from one to the next, and what tables and indexes each has.

Imports faults and tables, and nothing of the engine, which runs the steps.
"""
