"""What is missing: found by heads, asked for, answered within a daily quota.

Imports the rooms before it.
"""
