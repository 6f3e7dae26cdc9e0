"""Watchdogs of the links and sources, of the hub and of a member.

Imports operations, links, monitor and plan of the federation; only commands import it.
"""
