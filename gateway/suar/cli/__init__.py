"""Commands: rich-click groups, one file for each group, imported only when used.

Imports everything below it, but most when a command runs, so that `suar --help` stays fast.
"""
