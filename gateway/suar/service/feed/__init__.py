"""Selections, pages and subscriptions of the feed, and exports.

Imports the rooms before it.
"""
