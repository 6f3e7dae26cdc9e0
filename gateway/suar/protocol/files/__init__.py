"""File layouts: evidence, the audit log and carried objects, and the runner of test vectors.

Imports everything below it in the protocol.
"""
