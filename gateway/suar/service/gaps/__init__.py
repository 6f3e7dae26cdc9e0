"""Missing frames: found by heads, requested, and answered within a daily quota.

Imports the rooms before it.
"""
