"""A federation of real processes, its plain counterpart, and the measurements of both.

Imports the demo's servers and the service; the benchmarks import it.
"""
