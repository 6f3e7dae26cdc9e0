"""A message as blocks and lines in the reader's language.

Imports catalogue, names, cldr and tags of the languages, and the protocol.
"""
