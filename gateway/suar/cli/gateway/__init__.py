"""Commands with which operators set up and change one gateway: state, keys, tokens, audit and backups.

Imports `suar.cli.base`; everything heavy is imported when a command runs.
"""
