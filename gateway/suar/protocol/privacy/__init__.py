"""The privacy gate, pure: finds what a table or a text would disclose about people (design: docs/privacy.md).

tables: the cells of a trend, hidden until no small count can be computed. identifiers and names: free text. verdict:
all checks on one message. Nothing here reads a clock or a file, and nothing that is marked is ever logged.
"""
