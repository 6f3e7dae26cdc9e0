"""Messages in the reader's language: codes from gettext catalogues, country, language and date names from CLDR.

tags.py chooses the language; catalogue.py holds the translations, words.py the English that is translated beside the
code lists; names.py asks CLDR; document.py says what a message shows, layout.py and wrap.py how it fits a terminal;
reading.py also tells a publisher the verdict; extract.py keeps the catalogues complete.
"""
