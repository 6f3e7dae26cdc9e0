"""Commands that need no state: demo, benchmarks, conformance, schemas and error codes.

Imports `suar.cli.base`; everything heavy is imported when a command runs.
"""
