"""Measuring: what the main path costs, beside the bare calls and beside the plain bus.

It lies in the package because `suar bench` must work from an installed wheel. Each baseline lives here too, in simple
code of its own: nobody who makes suar faster makes its baseline slower, and nobody who tunes the bus tunes both.

measure.py takes interleaved repeats and medians; founding.py makes a federation in memory. `arena` starts a real
federation and the plain program that it is compared with; `parts` has one module a benchmark.
"""
