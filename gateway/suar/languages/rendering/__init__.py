"""A message as blocks and lines in the reader's language.

Imports the catalogues, the names of CLDR and the protocol.
"""
