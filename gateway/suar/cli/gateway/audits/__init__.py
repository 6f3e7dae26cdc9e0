"""Commands about parts of the audit log that are shown to others.

Imports `suar.cli.base` only, and the format of the log when a command runs; `suar audit` imports it.
"""
