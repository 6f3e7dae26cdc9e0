"""Keys of sealed rows, and frames that are sealed under them, where a database keeps earlier versions of rows.

Imports vault and prepared of the engine, and tables; the rooms above the engine use it.
"""
