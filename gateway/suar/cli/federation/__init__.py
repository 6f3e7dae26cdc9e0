"""Commands of the federation: the trust list ceremony, the NATS servers, lists and carried files.

Imports `suar.cli.base` and the commands of messages; everything heavy is imported when a command runs.
"""
