"""Names of persons in free text, and names of places and institutions, which are not personal data.

Imports `text` and identifiers.
"""
