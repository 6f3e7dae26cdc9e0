"""What people and programs are shown of messages: lists, one message, evidence.

Imports settings and core.
"""
