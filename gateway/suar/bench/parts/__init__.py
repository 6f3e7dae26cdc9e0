"""The benchmarks of `suar bench`, one module each.

Imports the arena and whatever is measured.
"""
