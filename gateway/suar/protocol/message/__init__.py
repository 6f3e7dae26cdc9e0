"""Messages as closed types: their fields, their reading, and the rules inside one message ([F9]).

Imports base and normal_forms.
"""
