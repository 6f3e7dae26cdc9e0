"""Founding and joining: the trust list ceremony and the NATS configuration.

Imports the bus, which it operates, observe and the protocol; never the store or the service.
"""
