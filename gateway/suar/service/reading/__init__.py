"""Reading: lists, single messages and evidence for people and programs.

Imports settings and core.
"""
