"""Who is told of what, by which channel.

Imports settings, core and reading.
"""
