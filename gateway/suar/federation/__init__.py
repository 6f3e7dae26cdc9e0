"""Founding and joining: the trust list ceremony and the NATS configuration."""
