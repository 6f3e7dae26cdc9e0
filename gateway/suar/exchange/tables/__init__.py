"""Spreadsheets become trend messages by the map of their publisher.

Imports the files.
"""
