"""Commands that import tables and alerts of other standards.

Imports `suar.cli.base` and the commands of messages; everything heavy is imported when a command runs.
"""
