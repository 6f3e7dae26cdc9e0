"""Messages, the inbox, the ledger of released cells, and what proves a message.

Imports engine and tables.
"""
