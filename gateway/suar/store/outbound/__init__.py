"""What leaves: queue, outbox, deliveries, our own chains and statements.

Imports engine, tables and messages.
"""
