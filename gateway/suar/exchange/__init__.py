"""Import and export in other formats: spreadsheets and CAP alerts become messages, messages become other formats.
All modules convert bytes or text to values or back. Files are read within the limits of `files`, faults are reported
with row and column (tables) or path (XML), and nothing is published. docs/formats.md lists what each format loses.

Imports only the protocol; commands and the API pass files in and use the result.
"""
