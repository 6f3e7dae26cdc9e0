"""Alerts of other standards become alerts: CAP 1.2 and STIX 2.1.

Imports the files.
"""
