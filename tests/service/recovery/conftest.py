"""A national server of its own, for what a gateway keeps there."""

from support.nats_server import national

__all__ = ["national"]
