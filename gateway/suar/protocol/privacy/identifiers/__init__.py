"""Identifiers in free text: documents, telephone numbers, addresses, licence plates, accounts and dates.

Imports `text`.
"""
