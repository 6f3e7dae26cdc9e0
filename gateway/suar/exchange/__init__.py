"""Tables and other standards in and out: spreadsheets and CAP alerts become messages, messages become other formats.

Everything here is bytes or text to values and back: a file is read within the bounds of `files`, faults are told
with row and column (tables) or path (XML), and nothing is published. Imports the protocol alone; commands and the API
hand in files and hand on what comes out. docs/formats.md says what each format loses.
"""
