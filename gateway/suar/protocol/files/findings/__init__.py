"""What a proved file says against itself, and what lists and Revokes say of its keys: named, never a refusal.

Imports the proof and what is lower.
"""
