"""Commands for operators of one gateway: state, keys, tokens, health, audit and backups.

Imports `suar.cli.base` and the commands of messages; everything heavy is imported when a command runs.
"""
