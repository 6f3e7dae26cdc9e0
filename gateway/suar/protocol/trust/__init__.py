"""Members and keys: trust lists, bundles, Revokes, and which keys are valid ([T1] to [T14]).

Imports the base.
"""
