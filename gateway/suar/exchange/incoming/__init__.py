"""Import of alerts in other standards: CAP 1.2 and STIX 2.1.

Imports files and outgoing, whose names of elements and maps it shares.
"""
