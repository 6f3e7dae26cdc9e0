"""Objects that were received and not accepted, missing frames, alarms, and the rows of the world.

Imports engine, tables and outbound.
"""
