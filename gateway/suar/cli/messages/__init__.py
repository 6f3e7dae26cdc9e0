"""Commands about messages: publish, read, acknowledge, release, cancel and prove them.

Imports `suar.cli.base`; everything heavy is imported when a command runs.
"""
