"""Tokens, the audit, held messages, deadlines and notices.

Imports engine, messages and tables.
"""
