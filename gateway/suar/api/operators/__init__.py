"""Calls for operators of a gateway: trust, keys, checks, alarms, tokens and people. Each module declares HANDLERS.

Imports contract, http and the service.
"""
