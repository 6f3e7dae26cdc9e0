"""Pictures of a message: the chart of a trend and the map of its places, as SVG inside the page.

Nothing but attributes, since the policy allows no style in a page; the same stands in words and in a table beside.
"""
