"""Who may call, what the word of a peer may cost, and the threads on which drafts are checked.

Imports settings and core.
"""
