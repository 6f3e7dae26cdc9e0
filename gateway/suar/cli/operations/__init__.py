"""Commands of those who install, upgrade and watch a gateway: a group each, imported when it is run.

Imports `suar.cli.base` and the commands of status and federation; everything heavy is imported when a command runs.
"""
