"""The demo: an embedded federation with a real trust ceremony and real servers.

Imports everything below it; `suar demo`, the benchmarks and the tests import it.
"""
