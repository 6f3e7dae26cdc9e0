"""Text as it is looked through: one form of each character, numbers in words, findings.

Imports libraries only.
"""
