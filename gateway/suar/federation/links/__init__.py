"""The leaf links between a hub and its members: which there are, how they are cut, and the certificates of both sides.

Imports monitor and plan of the federation, the bus and the protocol; operations and watchdogs import it.
"""
