"""What `suar demo` shows: publications, hostile acts and the report.

Imports the embedded federation.
"""
