"""One module for each kind of message: its type, words and rules, and everything else specific to this kind.

A module has the name of its kind's code in schemas/codelists/kind.csv. Imports head, fields, minors and
spec of the messages, and the base.
"""
