"""The values of templates: Structs made of the facade's answers. Imported by the pages."""
