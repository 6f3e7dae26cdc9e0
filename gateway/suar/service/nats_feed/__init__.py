"""FEED, the stream of the own NATS server that agencies read: what it holds, who reads it, what is erased from it.

Imports the rooms before it.
"""
