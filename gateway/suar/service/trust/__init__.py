"""Bundles, trust lists, our own keys, compromised keys and the reset of the clock.

Imports the rooms before it.
"""
