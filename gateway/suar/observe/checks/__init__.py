"""The health checks of `suar doctor` and `suar check`, each a pure function of facts.

Imports the protocol only.
"""
