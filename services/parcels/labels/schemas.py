"""What is asked of labels on the wire."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from shared.text import text

LABELS_MAX = 500

LabelFormat = Literal["pdf", "zpl"]
Layout = Literal["a6", "a4"]


class LabelsRequest(BaseModel):
    """Labels of one's own parcels in one file, in the order given; ZPL is A6 only."""

    model_config = ConfigDict(extra="forbid")

    barcodes: Annotated[
        list[Annotated[str, text(1, 40)]], Field(min_length=1, max_length=LABELS_MAX)
    ]
    format: LabelFormat = "pdf"
    layout: Layout = "a6"
