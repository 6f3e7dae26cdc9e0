"""Keys of sealed rows, and frames that are sealed under them, where a database keeps earlier versions of rows.

May import the engine's `prepared` and `vault`, and tables; the rooms above the engine use it.
"""
