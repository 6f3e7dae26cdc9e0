"""What a proved file says against itself, and what lists and Revokes say of its keys: named, never a refusal.

Imports `proof`, `proof_stamps` and `stamps`; nothing in this folder imports it.
"""
