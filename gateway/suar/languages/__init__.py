"""Messages in the reader's language: codes from gettext catalogues, country, language and date names from CLDR.

tags.py chooses the language; catalogue.py holds the translations, words.py the English that is translated beside the
code lists; names.py asks CLDR; causes.py tells why a message is where it is; extract.py keeps the catalogues complete.
What a message shows and how it fits a terminal is in `rendering`.
"""
