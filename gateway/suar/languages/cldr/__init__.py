"""Names of subdivisions in the script of their state, from CLDR, with its licence and what makes the file."""
