"""Numbers in texts, as they are written: words beside them, signs, sums, ratios.

Imports `text`; says nothing of what a table hides.
"""
