"""What all of the protocol rests on: bytes, cryptographic calls, subjects, limits, errors and code lists.

Imports libraries only.
"""
