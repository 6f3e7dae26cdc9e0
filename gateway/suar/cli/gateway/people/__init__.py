"""Commands about the people of the console.

Imports `suar.cli.base` only, and the service when a command runs.
"""
