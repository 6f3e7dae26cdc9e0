"""The benchmarks of `suar bench`, one module each.

Imports the arena and everything that is measured.
"""
