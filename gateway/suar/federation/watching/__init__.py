"""Watchdogs of the links and sources, of the hub and of a member."""
