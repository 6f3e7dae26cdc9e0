"""The content of the OpenAPI document about the calls: shapes of answers, kinds of the standard, examples, a page to
read.

Imports the standard, and code lists of the service; it serves nothing itself.
"""
