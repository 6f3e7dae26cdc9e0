"""How much a file may hold before it is refused: each with its unit and its reason.

Together they keep an import under 200 MB of memory and under five seconds, whatever the file is.
"""

from typing import Final

MIB: Final = 1024 * 1024

TABLE_BYTES_MAX: Final = 16 * MIB  # the whole world's GLOTIP table has 8; one member's has a tenth of one
ROWS_MAX: Final = 50_000  # a message takes 2,000 observations; 25 full messages are a year's work of a ministry
COLUMNS_MAX: Final = 100  # the widest published table has 13
CELL_CHARS_MAX: Final = 1_000  # a longer one is prose, or a quotation mark that was never closed
LINE_BYTES_MAX: Final = 4 * COLUMNS_MAX * CELL_CHARS_MAX  # four bytes a character

INFLATED_BYTES_MAX: Final = 24 * MIB  # of a workbook, all parts together; the reader keeps some five times that
SHEET_CELLS_MAX: Final = 500_000  # of the rectangle from A1 to the last cell: the reader fills it, gaps too
PARTS_MAX: Final = 2_000  # parts of a workbook
BESIDE_BYTES_MAX: Final = (
    8 * MIB
)  # of a workbook unfolded that is looked through beside the table; further parts are named
PART_DEPTH_MAX: Final = 100  # elements of a part within each other; drawings and charts nest some thirty deep
SHARED_MAX: Final = 20_000  # texts that cells name by number, of those that are looked through
BESIDE_CHARS_MAX: Final = 8_000  # of one of those texts
BESIDE_TEXTS_MAX: Final = 2_000  # texts of one of its parts that are kept to be looked through; the rest is counted

XML_BYTES_MAX: Final = 256 * 1024  # a CAP alert has a few kilobytes, with twenty languages fifty
XML_DEPTH_MAX: Final = 16  # CAP nests five deep
XML_ELEMENTS_MAX: Final = 5_000

STIX_BYTES_MAX: Final = 512 * 1024  # a bundle of one alert in twelve languages has sixty kilobytes
STIX_DEPTH_MAX: Final = 32  # the specification nests eight deep
STIX_VALUES_MAX: Final = 10_000

MAP_BYTES_MAX: Final = 256 * 1024
