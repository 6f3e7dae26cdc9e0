"""Sections of suar.toml that have rules of their own.

Imports sources and escalation; `config` puts the sections together.
"""
