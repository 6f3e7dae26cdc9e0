"""Webhooks of agencies: each event of an agency's feed is sent to its address, signed, and again until it arrives.

Imports the rooms before it.
"""
