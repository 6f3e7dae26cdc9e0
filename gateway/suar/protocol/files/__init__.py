"""Layouts of files: evidence, the audit log, carried objects, and the runner of vectors.

Imports everything below it in the protocol.
"""
