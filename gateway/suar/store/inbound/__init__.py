"""What came in and did not go through: gaps, incidents, the world's rows.

Imports engine, tables and outbound.
"""
