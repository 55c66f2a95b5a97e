"""What next hops look like on the wire."""

from pydantic import BaseModel, ConfigDict


class NextHopOut(BaseModel):
    """Where a centre sends what is for another: the best at `share_percent` of a week's hours.

    Minutes: from being ready at the centre to arriving at the other, over the week.
    """

    model_config = ConfigDict(from_attributes=True)

    version: int
    centre: str
    destination: str
    next_office: str
    line: str
    share_percent: float
    mean_min: int
    worst_min: int
