"""Names of subdivisions, also in the script of their state from CLDR, with its licence and what makes that file.

Imports order and tags of the languages.
"""
