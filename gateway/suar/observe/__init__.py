"""Observation: frozen records, metrics, logs and health checks.

Imports the protocol only, so that every other package may report to it.
"""
