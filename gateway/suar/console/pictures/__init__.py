"""Pictures of a message: the chart of a trend and the map of its locations, as SVG inside the page.

Attributes only, because the policy allows no style in a page; the same is also in words and in a table.

Imports assets of the console, the languages and the protocol only.
"""
