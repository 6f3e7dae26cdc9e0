"""Notifications: which people are notified of which events, and over which channel.

Imports settings, core and reading.
"""
