"""Tokens of time-stamping authorities (RFC 3161): their bytes, and how strong what they rest on has to be.

Imports libraries only; `stamps` judges by it.
"""
