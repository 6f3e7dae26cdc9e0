"""The protocol: pure state and bytes.

No I/O, clock, logging or metrics in this package: `now` (milliseconds), keys and peers are arguments, and randomness
is drawn only where an epoch is opened.
"""
