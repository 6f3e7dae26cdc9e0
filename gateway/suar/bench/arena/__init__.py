"""A federation of real processes, its plain counterpart, and what is observed of both.

Imports the demo's servers and the service; the benchmarks import it.
"""
