"""What templates are given: Structs made of what the facade answers. Imported by the pages."""
