"""The privacy gate: finds what a table or a text would disclose about people (design: docs/privacy.md).

`tables` hides cells of a trend until no small count can be computed; `identifiers` and `names` examine free text;
`verdict` runs all checks on one message. Pure: no clock and no files. Marked words are never logged. Imports base,
message, authoring and normal_forms of the protocol, and the solver.
"""
