"""Commands about how long texts are kept: erasure and legal holds, by two persons.

Imports the commands' common parts.
"""
