"""Drills, which are exercises started together, and their report.

Imports the rooms before it.
"""
