"""Names of persons in free text, and names of places and institutions, which are not personal.

Imports `text`.
"""
