"""Foreign files, read within limits: CSV, workbooks and XML, and the personal data in them.

Imports only the protocol.
"""
