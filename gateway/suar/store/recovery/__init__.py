"""Copies of the store, positions of the own streams, and what reading back needs.

Imports the rooms before it.
"""
