"""Observation: frozen records, metrics, logs and health checks."""
