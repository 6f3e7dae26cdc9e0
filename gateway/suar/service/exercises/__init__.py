"""Exercises that are started together, and their report.

Imports the rooms before it.
"""
