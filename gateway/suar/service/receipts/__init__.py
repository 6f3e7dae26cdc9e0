"""Receipts: our statements about messages of other members, and theirs about ours.

Imports the rooms before it.
"""
