"""The protocol: pure state and bytes.

This package has no I/O, clock, logging or metrics: `now` (milliseconds), keys and peers are arguments. Randomness is
drawn only where an epoch is opened.

Imports only the libraries that tests/protocol/test_purity.py lists.
"""
