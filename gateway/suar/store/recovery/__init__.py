"""Copies of the store, positions in the own streams, and the rows for reconciliation.

Imports the rooms before it.
"""
