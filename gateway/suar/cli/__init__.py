"""Commands: rich-click groups, one file a group, imported only when used."""
