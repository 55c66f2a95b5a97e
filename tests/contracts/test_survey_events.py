"""Complaints' own copies of what parcels and offices tell still fit, and act on it."""

from uuid import uuid4

from services.complaints.events import OFFICE_EVENTS, OfficePayload
from services.complaints.surveys import events as copies
from services.complaints.surveys.domain import opens, secret_hash, secret_of
from services.offices.events import OfficeEvent
from services.parcels import events as parcels
from services.parcels.messages.events import INVITED, Invited
from services.parcels.network.jobs import OFFICE_EVENTS as FOLLOWED
from services.parcels.vocabulary import Event, Status
from shared.derived import derived_secret
from tests.contracts.test_gateway_copies import misfits

SOMETIMES = {"declared", "withdrawn"}
"""Only where an event is taken back; the corrections' and the bags' own tests tell of them."""


def test_the_copy_of_a_delivery_fits() -> None:
    own = copies._Told.model_json_schema()
    own["properties"] = {k: v for k, v in own["properties"].items() if k not in SOMETIMES}
    theirs = parcels.ScannedItem.model_json_schema(mode="serialization")
    for name in ("event_id", "occurred_at"):  # text there, read as what it says
        own["properties"][name] = {"type": "string"}
    assert misfits(own, own, theirs, theirs, "item") == []
    assert copies.HEARD == (parcels.STATUS_CHANGED, parcels.CORRECTED)
    assert Event.DELIVERED.wire == Status.DELIVERED.wire == "delivered"


def test_the_copy_of_an_invitation_fits_and_its_secret_is_the_same() -> None:
    own = Invited.model_json_schema()
    theirs = copies.InvitationState.model_json_schema(mode="serialization")
    assert misfits(own, own, theirs, theirs, "invited") == []
    assert INVITED == copies.INVITED
    survey, pepper = uuid4(), b"p" * 32
    mine = derived_secret(pepper, "survey", "live", str(survey))
    assert opens(mine, secret_hash(secret_of(pepper, "live", survey)))


def test_the_copy_of_an_office_fits() -> None:
    own = OfficePayload.model_json_schema()
    told = OfficeEvent.model_json_schema(mode="serialization")
    theirs = told["$defs"][told["properties"]["office"]["$ref"].rpartition("/")[2]]
    assert misfits(own, own, theirs, told, "office") == []
    assert OFFICE_EVENTS == FOLLOWED
