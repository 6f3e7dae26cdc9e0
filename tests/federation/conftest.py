from support.nats_server import federation, national

__all__ = ["federation", "national"]
