"""Loops that do not process messages: the anchor, evidence, erasing, and periodic tasks.

Imports running, where a loop has its context, and the rooms before the process; `loops` starts them.
"""
