"""The chains of what was done: which events are in them, how they hang together, what breaks. Pure.

Each entry's hash covers the one before, so an edit, a deletion or another order shows. A cut tail
shows against the chain's signed head, a head set back against the checkpoints, and those against
their file outside the database.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from services.gateway.clocks.domain import CLOCK_SET
from services.gateway.partners.events import ACCOUNTS, CREDENTIALS
from services.gateway.shebas.events import TYPES as SHEBA_CHANGES
from services.gateway.staff.events import TYPES as STAFF
from services.gateway.webhooks.events import TYPES as WEBHOOKS

PROVINCE: Final = "province"
"""The chain of what concerns no partner."""

PARCELS: Final = (
    "bank_statement.recorded",
    "billing_profile.changed",
    "branch.saved",
    "cash.handed_in",
    "cod.reversed",
    "cod.taken",
    "commission_deduction.recorded",
    "commission_statement.issued",
    "courier.changed",
    "courier.erased",
    "courier.registered",
    "custody_term.set",
    "delivery_code.reissued",
    "destruction.recorded",
    "discrepancy.assigned",
    "discrepancy.closed",
    "drawer.closed",
    "feeder_rule.set",
    "holding_rule.set",
    "invoice.issued",
    "line.changed",
    "line.created",
    "line.ended",
    "measurement.contested",
    "measurement.decided",
    "message_template.reworded",
    "operator.ended",
    "operator.registered",
    "parcel.repriced",
    "payee.registered",
    "payment_order.expired",
    "payment_order.fetched",
    "payment_order.paid",
    "payment_order.prepared",
    "payment_order.refused",
    "payment_order.returned",
    "payment_order.unknown",
    "payment_order.voided",
    "population.set",
    "postage_account.changed",
    "postage_payment.recorded",
    "promise_pause.declared",
    "promise_pause.ended",
    "promise_terms.published",
    "proof.erased",
    "quiet_hours.set",
    "recomputation.finished",
    "recomputation.requested",
    "refund.decided",
    "refund.proposed",
    "scan.declared",
    "scan.ruled",
    "target.set",
    "tariff.published",
    "tariff_draft.discarded",
    "tariff_draft.saved",
    "vat_rate.set",
    "vehicle.changed",
    "vehicle.created",
)
OFFICES: Final = (
    "application.agreed",
    "application.cleared",
    "application.completed",
    "application.filed",
    "application.licensed",
    "application.refused",
    "application.resubmitted",
    "application.returned",
    "application.visited",
    "application.withdrawn",
    "area.changed",
    "association.changed",
    "association.created",
    "attendance.recorded",
    "certificate.issued",
    "certificate.withdrawn",
    "composition.created",
    "composition.ended",
    "contract.changed",
    "contract.renewed",
    "contract.signed",
    "contract.terminated",
    "course.changed",
    "course.created",
    "holiday.cleared",
    "holiday.set",
    "inquiry.answered",
    "inquiry.opened",
    "inquiry_term.set",
    "item.added",
    "item.adjourned",
    "item.decided",
    "licence.appealed",
    "licence.decided",
    "licence.decision_lapsed",
    "licence.decision_overturned",
    "licence.decision_rescinded",
    "licence.decision_upheld",
    "licence.expired",
    "licence.holder_heard",
    "licence.holder_summoned",
    "licence.imported",
    "licence.inspected",
    "licence.issued",
    "licence.reinstated",
    "licence.renewed",
    "licence.revoked",
    "licence.suspended",
    "licence.warned",
    "meeting.closed",
    "meeting.opened",
    "meeting.planned",
    "member.left",
    "member.seated",
    "membership.ended",
    "membership.started",
    "minutes.recorded",
    "office.changed",
    "office.closed",
    "office.converted",
    "office.created",
    "office.relocated",
    "office.reopened",
    "office.suspended",
    "office.transferred",
    "office_exception.cleared",
    "office_exception.set",
    "office_plan.cancelled",
    "office_plan.dropped",
    "office_plan.made",
    "person.assigned",
    "person.changed",
    "person.erased",
    "person.hired",
    "person.left",
    "principal.changed",
    "principal.created",
    "representative.appointed",
    "representative.ended",
    "representative.erased",
    "seat.saved",
    "service.changed",
    "service.created",
    "service.reversed",
    "service_rule.created",
    "service_rule.ended",
    "stake.declared",
    "vote.cast",
)
COMPLAINTS: Final = (
    "case.accepted",
    "case.answered",
    "case.assessed",
    "case.assigned",
    "case.closed",
    "case.erased",
    "case.investigated",
    "case.liability_decided",
    "case.liability_proposed",
    "case.reopened",
    "charge_back.announced",
    "charge_back.appealed",
    "charge_back.confirmed",
    "charge_back.deducted",
    "charge_back.lifted",
    "charge_back.withdrawn",
    "claim.approved",
    "claim.declined",
    "claim.expired",
    "claim.liability_named",
    "claim.opened",
    "claim.ordered",
    "claim.paid",
    "claim.payee_requested",
    "claim.proposed",
    "claim.reassessed",
    "claim.refused",
    "claim.reopened",
    "claim.returned",
    "claim.voided",
    "clock.retargeted",
    "compensation_rules.published",
    "complaint_day.cleared",
    "complaint_day.set",
    "complaint_hours.set",
    "complaint_targets.published",
    "complaint_targets.withdrawn",
    "officer.saved",
    "survey.withdrawn",
    "survey.words_erased",
    "survey_keyword.removed",
    "survey_keyword.set",
    "survey_rule.ended",
    "survey_rule.set",
)
GATEWAY: Final = (*ACCOUNTS, *CREDENTIALS, *SHEBA_CHANGES, *STAFF, *WEBHOOKS, CLOCK_SET)
AUDITED: Final[Mapping[str, tuple[str, ...]]] = {
    "offices": OFFICES,
    "parcels": PARCELS,
    "complaints": COMPLAINTS,
    "gateway": GATEWAY,
}
"""What is administrative, or moves money, by the service that tells it.

What an office offers is not: it is its catalogue, told in the feed by the hundred.
"""


@dataclass(frozen=True, slots=True)
class Deed:
    """What is written of one thing done; `time` and `data` as text, since it is hashed."""

    source: str
    event: str
    type: str
    subject: str | None
    time: str
    data: str


@dataclass(frozen=True, slots=True)
class Link:
    """A deed in its place. `prev` and `hash` are SHA-256."""

    seq: int
    deed: Deed
    prev: bytes
    hash: bytes


@dataclass(frozen=True, slots=True)
class Head:
    """A chain's last link; before any, `seq` 0 and the chain's own beginning."""

    chain: str
    seq: int
    hash: bytes


@dataclass(frozen=True, slots=True)
class Mark:
    """A checkpoint: the heads that moved, as canonical JSON; a link of the checkpoints' chain."""

    number: int
    at: str
    heads: str
    prev: bytes
    hash: bytes


@dataclass(frozen=True, slots=True)
class Fault:
    """`seq`: of the entry, or the number of the checkpoint."""

    chain: str
    seq: int
    what: str


CHECKPOINTS: Final = "checkpoints"


def canonical(value: Any) -> str:
    """One way to write a value down: keys sorted, nothing between."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def beginning(chain: str) -> Head:
    return Head(chain, 0, hashlib.sha256(f"susa audit {chain}".encode()).digest())


def hash_of(chain: str, seq: int, deed: Deed, prev: bytes) -> bytes:
    written = canonical(
        [chain, seq, deed.source, deed.event, deed.type, deed.subject, deed.time, deed.data]
    )
    return hashlib.sha256(prev + written.encode()).digest()


def linked(head: Head, deed: Deed) -> Link:
    seq = head.seq + 1
    return Link(seq, deed, head.hash, hash_of(head.chain, seq, deed, head.hash))


def mark_after(last: Mark | None, at: str, heads: Iterable[Head]) -> Mark:
    number = last.number + 1 if last else 1
    prev = last.hash if last else beginning(CHECKPOINTS).hash
    written = canonical([[head.chain, head.seq, head.hash.hex()] for head in heads])
    return Mark(number, at, written, prev, mark_hash(number, at, written, prev))


def mark_hash(number: int, at: str, heads: str, prev: bytes) -> bytes:
    return hashlib.sha256(prev + canonical([number, at, heads]).encode()).digest()


def deeds_of(source: str, event: Mapping[str, Any]) -> Iterator[tuple[str, Deed]]:
    """(chain, deed): a batch's items each in their partner's chain."""
    for chain, data in _by_chain(event["type"], event["data"]):
        yield (
            chain,
            Deed(
                source,
                event["id"],
                event["type"],
                event.get("subject"),
                event["time"],
                canonical(data),
            ),
        )


def _by_chain(type_: str, data: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    if "items" not in data:
        noun, _, _ = type_.partition(".")
        told = data.get(noun)
        known = {**data, **told} if isinstance(told, dict) else data
        yield (known.get("id") if noun == "partner" else None) or _partner(known), data
        return
    grouped: dict[str, list[Any]] = {}
    for item in data["items"]:
        grouped.setdefault(_partner(item), []).append(item)
    for chain, items in sorted(grouped.items()):
        yield chain, {"items": items}


def _partner(known: Mapping[str, Any]) -> str:
    named = (known.get(name) for name in ("partner", "partner_id", "beneficiary"))
    return str(next((partner for partner in named if partner), PROVINCE))


@dataclass(slots=True)
class Walk:
    """Along one chain, entry by entry in the order of `seq`; then `end` says what is missing.

    `marks`: the hash at each `seq` that a checkpoint named.
    """

    chain: str
    marks: Mapping[int, bytes]
    faults: list[Fault] = field(default_factory=list)
    _at: Head = field(init=False)

    def __post_init__(self) -> None:
        self._at = beginning(self.chain)

    @property
    def last(self) -> int:
        return self._at.seq

    def step(self, link: Link) -> None:
        at = self._at
        if link.seq != at.seq + 1:
            self._fault(link.seq, f"it follows entry {at.seq}: entries are missing")
        if link.prev != at.hash:
            self._fault(link.seq, "it does not hang on the entry before it")
        if link.hash != hash_of(self.chain, link.seq, link.deed, link.prev):
            self._fault(link.seq, "it is not what was written: its hash differs")
        if self.marks.get(link.seq, link.hash) != link.hash:
            self._fault(link.seq, "a checkpoint saw another entry here")
        self._at = Head(self.chain, link.seq, link.hash)

    def end(self, head: Head | None) -> list[Fault]:
        """`head`: as it was signed; None where there is none, or its signature is not ours."""
        if head is None:
            self._fault(self.last, "the chain has no head with our signature")
        elif (head.seq, head.hash) != (self._at.seq, self._at.hash):
            self._fault(head.seq, f"the head is at {head.seq}, the last entry at {self.last}")
        beyond = [seq for seq in self.marks if seq > self.last]
        if beyond:
            self._fault(max(beyond), f"a checkpoint saw this entry; the last is {self.last}")
        return self.faults

    def _fault(self, seq: int, what: str) -> None:
        self.faults.append(Fault(self.chain, seq, what))


def walk_marks(marks: Iterable[Mark]) -> Iterator[Fault]:
    """What breaks the checkpoints' own chain."""
    number, prev = 0, beginning(CHECKPOINTS).hash
    for mark in marks:
        if mark.number != number + 1:
            what = f"it follows checkpoint {number}: some are missing"
            yield Fault(CHECKPOINTS, mark.number, what)
        if mark.prev != prev:
            yield Fault(CHECKPOINTS, mark.number, "it does not hang on the one before it")
        if mark.hash != mark_hash(mark.number, mark.at, mark.heads, mark.prev):
            yield Fault(CHECKPOINTS, mark.number, "it is not what was written: its hash differs")
        number, prev = mark.number, mark.hash


def compared(kept: Iterable[Mark], apart: Iterable[Mark]) -> Iterator[Fault]:
    """Checkpoints of the file that the database has not, or has otherwise."""
    known = {mark.number: mark for mark in kept}
    for mark in apart:
        if mark.number not in known:
            what = "the file has this checkpoint, the database has not"
            yield Fault(CHECKPOINTS, mark.number, what)
        elif known[mark.number] != mark:
            what = "the file has this checkpoint otherwise than the database"
            yield Fault(CHECKPOINTS, mark.number, what)


def marks_by_chain(marks: Iterable[Mark]) -> dict[str, dict[int, bytes]]:
    """What the checkpoints saw, by chain and `seq`; nothing of one that cannot be read."""
    found: dict[str, dict[int, bytes]] = {}
    for mark in marks:
        try:
            heads = [(str(c), int(s), bytes.fromhex(h)) for c, s, h in json.loads(mark.heads)]
        except (ValueError, TypeError):
            continue  # its hash says so already
        for chain, seq, hash_ in heads:
            found.setdefault(chain, {})[seq] = hash_
    return found
