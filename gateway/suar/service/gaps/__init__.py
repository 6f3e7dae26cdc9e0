"""What is missing: found by heads, asked for, answered within an allowance.

Imports the rooms before it.
"""
