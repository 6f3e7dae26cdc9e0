"""The values of templates: Structs made of the facade's answers.

Imports forms, languages, the standard's shipped examples and the shapes of the facade's answers; the pages import it.
"""
