"""What decides how long a text is kept: erasure, legal holds and retention, each by two persons.

Imports the rooms before it.
"""
