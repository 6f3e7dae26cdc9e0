"""Benchmarks: the cost of the main path, compared with the bare library calls and with a plain bus.

It is part of the package because `suar bench` must work from an installed wheel. Each baseline is here too, in separate
simple code, so that a change of suar never changes its baseline. measure.py takes interleaved repeats and medians;
founding.py makes a federation in memory. `arena` starts a real federation and the plain program that it is compared
with; `parts` has one module for each benchmark.

Imports everything below it, which is measured; only the command `suar bench` imports it.
"""
