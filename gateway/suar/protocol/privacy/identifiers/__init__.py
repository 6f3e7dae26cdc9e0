"""Identifiers in free text: documents, telephones, addresses, plates, accounts and dates.

Imports `text`.
"""
