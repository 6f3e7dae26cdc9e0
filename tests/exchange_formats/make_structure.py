"""The SDMX structure of trend exports, made from the code lists: `python tests/exchange_formats/make_structure.py`.

Writes schemas/sdmx/trend.xml (SDMX-ML 2.1): a dataflow, its structure, concepts and code lists; a test compares.
"""

import csv
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sdmx
from sdmx.message import Header, StructureMessage
from sdmx.model import common, v21

from suar.exchange.outgoing.sdmx import (
    ATTRIBUTES,
    DIMENSIONS,
    MEASURE,
    NOT_APPLICABLE,
    OBS_STATUS,
    SPECIAL,
    code_of,
)
from suar.exchange.tables.table_reader import LISTS
from suar.protocol.base.codelists import labels
from suar.protocol.message import kinds
from suar.published import schemas_dir

TARGET = Path(__file__).parents[2] / "schemas/sdmx/trend.xml"
AGENCY = common.Agency(id="SUAR", name="suar")
VERSION = "1.0"
PREPARED = datetime(2026, 11, 25, tzinfo=UTC)
OWN: dict[str, Any] = {"maintainer": AGENCY, "version": VERSION, "is_final": False, "is_external_reference": False}
SPECIAL_LABELS = {"_T": "Total", "_U": "Unknown", "_O": "Other", NOT_APPLICABLE: "Not applicable"}
STATUS_LABELS = {"A": "Normal value", "P": "Provisional value", "E": "Estimated value", "B": "Time series break",
                 "Q": "Missing value; suppressed", "O": "Missing value"}  # fmt: skip
OURS = {
    "INDICATOR": ("trend-indicator",), "REF_AREA": ("member",), "PLACE_ROLE": ("place-role",),
    "UNIT_MEASURE": ("unit",), "DATE_BASIS": ("date-basis",), "COLL_METHOD": ("method",), "TLP": ("tlp",),
}  # fmt: skip
FREE = ("PLACE", "COVERAGE", "HANDLING", "SOURCE_MESSAGE")
"""Components without a code list: PLACE is a country, an ISO 3166-2 code or a UN/LOCODE."""


def codes_of(component: str) -> dict[str, str]:
    """Code to label of a component's code list, as SDMX writes the codes."""
    if component == "OBS_STATUS":
        return {code: STATUS_LABELS[code] for code in OBS_STATUS.values()}
    dimension = component.lower()
    if dimension not in kinds.DIMENSIONS:
        return {code: label for name in OURS[component] for code, label in labels(name).items()}
    found = {code_of(dimension, code): label for name in LISTS[dimension] for code, label in labels(name).items()}
    if dimension == "industry":
        found |= _divisions()
    return SPECIAL_LABELS | found if set(SPECIAL.values()) - set(found) else found | {NOT_APPLICABLE: "Not applicable"}


def _divisions() -> dict[str, str]:
    with (schemas_dir() / "rollups/isic-division.csv").open(encoding="utf-8", newline="") as file:
        return {line["code"]: f"Division {line['code']} of section {line['section']}" for line in csv.DictReader(file)}


def structure() -> StructureMessage:
    """The message with everything in it."""
    made = StructureMessage(header=Header(id="SUAR_TREND", test=False, prepared=PREPARED, sender=AGENCY))
    concepts = common.ConceptScheme(id="CS_TREND", name="Concepts of trends", **OWN)
    made.concept_scheme[concepts.id] = concepts
    trend = v21.DataStructureDefinition(id="TREND", name="Trend", **OWN)

    def component(id_: str) -> tuple[common.Concept, common.Representation | None]:
        concept = common.Concept(id=id_, name=id_.replace("_", " ").capitalize())
        concepts.append(concept)
        if id_ in (*FREE, "TIME_PERIOD", MEASURE):
            return concept, None
        codelist = common.Codelist(id=f"CL_{id_}", name=concept.name, **OWN)
        for code, label in codes_of(id_).items():
            codelist.append(common.Code(id=code, name=label))
        made.codelist[codelist.id] = codelist
        return concept, common.Representation(enumerated=codelist)

    for order, id_ in enumerate(DIMENSIONS, 1):
        concept, codes = component(id_)
        sort = common.TimeDimension if id_ == "TIME_PERIOD" else common.Dimension
        trend.dimensions.append(sort(id=id_, concept_identity=concept, local_representation=codes, order=order))
    concept, _ = component(MEASURE)
    trend.measures.append(v21.PrimaryMeasure(id=MEASURE, concept_identity=concept))
    for id_ in ATTRIBUTES:
        concept, codes = component(id_)
        relation = v21.PrimaryMeasureRelationship()
        attribute = common.DataAttribute(
            id=id_, concept_identity=concept, local_representation=codes, related_to=relation
        )
        trend.attributes.append(attribute)
    made.structure[trend.id] = trend
    flow = v21.DataflowDefinition(id="TREND", name="Trend", **OWN, structure=trend)
    made.dataflow[flow.id] = flow
    return made


def written() -> bytes:
    """The file."""
    data: bytes = sdmx.to_xml(structure(), pretty_print=True, xml_declaration=True, encoding="utf-8")
    return data


if __name__ == "__main__":
    TARGET.parent.mkdir(exist_ok=True)
    TARGET.write_bytes(written())
