"""Messages in the reader's language: codes from gettext catalogues; names of countries, languages and dates from CLDR.

tags.py chooses the language; catalogue.py holds the translations, words.py the English that is translated besides the
code lists; names.py reads CLDR; causes.py renders the causes of `why`; extract.py keeps the catalogues complete. The
room `rendering` lays out a message for a terminal. Imports the protocol, and observe for the texts of causes.
"""
