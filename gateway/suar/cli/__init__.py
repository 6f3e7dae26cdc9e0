"""Commands: rich-click groups, one file for each group, imported only when used."""
