"""Export of messages to other formats: CAP, CSV, SDMX and STIX.

Imports the files.
"""
