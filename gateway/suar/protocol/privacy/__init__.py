"""The victim-privacy gate, pure: what a table or a sentence would give away (design: docs/privacy.md).

tables: a trend's cells, hidden until no small count can be computed. identifiers and names: free text. verdict: one
message, everything together. Nothing here reads a clock or a file, and nothing that is marked is ever logged.
"""
