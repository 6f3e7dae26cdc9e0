"""Who may read a message: the decision, its rules, and caches of decisions.

Imports base, message and trust.
"""
