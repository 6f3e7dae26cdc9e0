"""Commands that show the state of one gateway: health, alarms, and the other members as it sees them.

Imports `suar.cli.base` and the commands of messages, and the service when a command runs.
"""
