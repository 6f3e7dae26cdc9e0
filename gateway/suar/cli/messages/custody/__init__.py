"""Commands about how long texts are kept: erasure and legal holds, by two persons.

Imports `suar.cli.base` and held, whose options it uses.
"""
