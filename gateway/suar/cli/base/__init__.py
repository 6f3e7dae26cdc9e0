"""Common parts of the commands: options, output, tables, and the client of the running gateway.

Imports the protocol and small files only, so that `suar --help` stays fast.
"""
