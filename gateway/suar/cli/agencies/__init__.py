"""The commands about agencies: their registration.

Imports `suar.cli.base`.
"""
