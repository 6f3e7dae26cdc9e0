"""The published standard as files: where schemas/ and keys/ are, what is exported, reference pages, examples.

Imports the protocol only.
"""
