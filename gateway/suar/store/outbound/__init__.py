"""Outbound objects: queue, outbox, deliveries, own chains and statements.

Imports engine, tables and messages.
"""
