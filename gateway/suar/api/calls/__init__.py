"""Calls about messages: publish, read, export, confirm, decide. Each module declares HANDLERS.

Imports contract, http and the service; `suar.api.app` puts the routes together.
"""
