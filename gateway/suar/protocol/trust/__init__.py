"""Members and keys: trust lists, bundles, Revokes, and whose word counts ([T1] to [T14]).

Imports the base.
"""
