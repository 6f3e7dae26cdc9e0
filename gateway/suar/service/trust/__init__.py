"""Bundles, trust lists, our own keys, compromise and the reset of a clock.

Imports the rooms before it.
"""
