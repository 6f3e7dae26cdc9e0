"""Converts spreadsheets to trend messages by their publisher's map.

Imports the files.
"""
