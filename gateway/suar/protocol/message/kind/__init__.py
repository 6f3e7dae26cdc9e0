"""One module a kind of message: its type, its words, its rules and all else that is said of this kind alone.

The module of a kind has the name of its code in schemas/codelists/kind.csv. Imports the types of fields and the head.
"""
