"""NATS: connections, streams, pipelined publishing and pulling."""
