"""Files of others, read within bounds: CSV, workbooks and XML, and what is personal in them.

Imports the protocol only.
"""
