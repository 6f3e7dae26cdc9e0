"""Sections of suar.toml that have rules of their own."""
