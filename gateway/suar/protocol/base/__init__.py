"""The foundation of the protocol: bytes, cryptographic calls, subjects, limits, errors and code lists.

Imports libraries only.
"""
