"""Rules of a meeting: when it can decide, what its votes amount to, its document.

A seat whose member has a stake in the matter counts as present, and its vote as an abstention: the
quorum asks whether the group has met, not who may speak to one item.
"""

import hashlib
import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, assert_never
from urllib.parse import urlencode

from services.offices.working_group.domain import Rules

Choice = Literal["for", "against", "abstain"]
Outcome = Literal["adopted", "rejected", "no_quorum"]
ItemOutcome = Literal["adopted", "rejected", "no_quorum", "adjourned"]
MeetingStatus = Literal["planned", "open", "closed"]
SubjectKind = Literal["application", "licence"]

ITEMS_MAX: Final = 500


@dataclass(frozen=True, slots=True)
class Tally:
    outcome: Outcome
    present: int
    votes_for: int
    votes_against: int
    abstentions: int


def tally(
    rules: Rules,
    present: Collection[str],
    ballots: Mapping[str, Choice],
    stakes: Collection[str] = (),
) -> Tally:
    """What the ballots amount to; a tie fails, as a half is not more than half.

    Seats without a vote and absent seats count nowhere; a present seat that has not voted counts
    for the quorum and as nothing else.
    """
    seated = rules.voting_seats & set(present)
    cast = [
        "abstain" if seat in stakes else choice
        for seat, choice in ballots.items()
        if seat in seated
    ]
    votes_for, votes_against = cast.count("for"), cast.count("against")
    if len(seated) < rules.quorum:
        outcome: Outcome = "no_quorum"
    else:
        whole = _whole(rules, len(seated), votes_for + votes_against)
        outcome = "adopted" if votes_for * 2 > whole else "rejected"
    return Tally(outcome, len(seated), votes_for, votes_against, cast.count("abstain"))


def _whole(rules: Rules, present: int, cast: int) -> int:
    """That of which more than half must be in favour."""
    match rules.majority:
        case "votes_cast":
            return cast
        case "present":
            return present
        case "all_seats":
            return len(rules.voting_seats)
        case _:
            assert_never(rules.majority)


def silent(rules: Rules, present: Collection[str], ballots: Collection[str]) -> list[str]:
    """The voting seats that are present and have yet to vote, by name."""
    return sorted((rules.voting_seats & set(present)) - set(ballots))


def saturation_path(place: Mapping[str, Any] | None) -> str | None:
    """Where the coverage of an item's place is told; None where it has no place."""
    return None if place is None else f"/v1/coverage/saturation?{urlencode(place)}"


def canonical(text: str) -> str:
    """The one form of a document's text that is stored and hashed: NFC, lines ended by LF."""
    lines = unicodedata.normalize("NFC", text).replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "\n".join(line.rstrip() for line in lines).strip("\n") + "\n"


def content_hash(text: str) -> str:
    """SHA-256 of the text's UTF-8 bytes, in hex: what `sha256sum` says of the document."""
    return hashlib.sha256(text.encode()).hexdigest()
