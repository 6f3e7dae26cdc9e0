"""Measuring: what the main path costs, beside the bare calls and beside the plain bus.

It lies in the package because `suar bench` must work from an installed wheel. Each baseline lives here too, in simple
code of its own: nobody who makes suar faster makes its baseline slower, and nobody who tunes the bus tunes both.

measure.py takes interleaved repeats and medians; founding.py makes a federation in memory; crypto.py and admission.py
measure one process; arena.py starts a real federation, plain.py is what it is compared with, stores.py and processes.py
watch both; endtoend.py (with match.py and figures.py), catchup.py, receipts.py and urgent.py measure across processes.
"""
