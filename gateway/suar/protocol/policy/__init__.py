"""Who may read a message: the one decision, its rules, and readers remembered.

Imports base, message and trust.
"""
