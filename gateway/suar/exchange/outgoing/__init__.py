"""Messages in other formats: CAP, CSV, SDMX and STIX.

Imports the files.
"""
