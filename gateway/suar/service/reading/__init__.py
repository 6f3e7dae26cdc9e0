"""Reading: lists, single messages and evidence for people and programs.

Imports the rooms before it.
"""
