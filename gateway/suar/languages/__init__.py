"""Messages in the reader's language: codes from gettext catalogues, country, language and date names from CLDR. tags.py
chooses the language; catalogue.py holds the translations, words.py the English that is translated besides the code
lists; names.py reads CLDR; causes.py has the causes of `why`; extract.py keeps the catalogues complete.

What a message shows and how it fits a terminal is in `rendering`.
"""
