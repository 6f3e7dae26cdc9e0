"""Calls about agencies: their registration, and the forms in which they read. Each module declares HANDLERS.

Imports calls, http and contract.
"""
