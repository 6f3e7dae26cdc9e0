"""The limits of a file, each with its unit and reason; a larger file is refused.

Together they keep an import of any file under 200 MB of memory and under five seconds.
"""

from typing import Final

MIB: Final = 1024 * 1024

TABLE_BYTES_MAX: Final = 16 * MIB  # the GLOTIP table of all countries has 8 MiB, that of one member 0.1
ROWS_MAX: Final = 50_000  # 25 messages of at most 2,000 observations, a year of a ministry
COLUMNS_MAX: Final = 100  # the widest published table has 13
CELL_CHARS_MAX: Final = 1_000  # a longer cell is prose, or its quotation mark is not closed
LINE_BYTES_MAX: Final = 4 * COLUMNS_MAX * CELL_CHARS_MAX  # four bytes for each character

INFLATED_BYTES_MAX: Final = 24 * MIB  # of all parts of a workbook
SHEET_CELLS_MAX: Final = 500_000  # in the rectangle from A1 to the last cell
WORKBOOK_ELEMENTS_MAX: Final = 2_500_000  # parsed XML elements; the largest table has three per cell, and its rows
SPREADSHEET_ROWS: Final = 1_048_576  # the largest row number of any spreadsheet
PARTS_MAX: Final = 2_000  # parts of a workbook
OTHER_BYTES_MAX: Final = 8 * MIB  # of decompressed parts examined besides the table; further parts are named
PART_DEPTH_MAX: Final = 100  # nesting of elements; drawings and charts have about thirty levels
SHARED_MAX: Final = 20_000  # shared texts that are examined
OTHER_TEXT_MAX: Final = 8_000  # characters of one examined text
OTHER_TEXTS_MAX: Final = 2_000  # texts of one part that are examined; further ones are counted

XML_BYTES_MAX: Final = 256 * 1024  # a CAP alert has a few kilobytes, with twenty languages fifty
XML_DEPTH_MAX: Final = 16  # CAP nests five deep
XML_ELEMENTS_MAX: Final = 5_000

STIX_BYTES_MAX: Final = 512 * 1024  # a bundle of one alert in twelve languages has sixty kilobytes
STIX_DEPTH_MAX: Final = 32  # the specification nests eight deep
STIX_VALUES_MAX: Final = 10_000

MAP_BYTES_MAX: Final = 256 * 1024
