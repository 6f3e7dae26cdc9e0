"""Names and identifiers behind a word that says what they are: a rule for each kind, whatever the country, script or sign.

Imports `identifiers`, `names`, `prose` and `text`.
"""
