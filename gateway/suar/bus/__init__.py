"""NATS: connections, streams, pipelined publishing and pulling.

Imports the protocol only, and no other package uses NATS.
"""
