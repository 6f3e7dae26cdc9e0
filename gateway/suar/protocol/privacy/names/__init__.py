"""Names of persons in free text, and the names of places and institutions that are none.

Imports `text`.
"""
