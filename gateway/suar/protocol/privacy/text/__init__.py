"""Text in the form in which it is examined: normalised characters, numbers in words, findings.

Imports libraries only.
"""
