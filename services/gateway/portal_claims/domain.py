"""What may be done to a claim, and who may approve it still. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from shared.text import fold_digits

Fields = Mapping[str, str]

STATUSES: Final = (
    "assessing",
    "payee_needed",
    "proposed",
    "approved",
    "ordered",
    "paid",
    "refused",
    "returned",
    "voided",
    "expired",
    "declined",
    "reopened",
)
CONTENTS: Final = ("goods", "foreign_goods", "cash", "bank_documents")
DECIDE: Final = "claims:decide"
ANSWER: Final = "complaints:answer"


@dataclass(frozen=True, slots=True)
class Act:
    path: str
    scope: str
    body: Callable[[Fields], dict[str, Any]]


def rials(text: str) -> int | str:
    """Digits of any script, with or without separators; what is no number is left as typed."""
    plain = fold_digits(text).translate({ord(mark): None for mark in ",٬، \u200c"})
    return int(plain) if plain.isdecimal() and len(plain) <= 16 else text


def said(fields: Fields, *names: str) -> dict[str, Any]:
    """Those that were filled in; what names rials as a number."""
    return {
        name: rials(fields[name]) if name.endswith("_rials") else fields[name]
        for name in names
        if fields[name]
    }


def _noted(fields: Fields) -> dict[str, Any]:
    return {"note": fields["note"]}


ACTS: Final[Mapping[str, Act]] = {
    "approve": Act("approvals", DECIDE, lambda fields: said(fields, "amount_rials")),
    "decline": Act("decline", DECIDE, _noted),
    "assess": Act(
        "assessments",
        ANSWER,
        lambda fields: _noted(fields) | said(fields, "loss_rials", "contents", "liable_office"),
    ),
    "supplement": Act(
        "supplements", ANSWER, lambda fields: _noted(fields) | said(fields, "loss_rials")
    ),
    "hold": Act("liability", ANSWER, lambda fields: said(fields, "office", "reason")),
}
ON_CHARGE_BACKS: Final[Mapping[str, Act]] = {
    "appeal": Act("appeal", ANSWER, lambda fields: said(fields, "reason")),
    "rule": Act("ruling", DECIDE, lambda fields: said(fields, "decision", "reason")),
}


def needed(amount_rials: int | None, two_above_rials: int | None) -> int | None:
    """How many people must approve; None where it cannot be told."""
    if amount_rials is None or two_above_rials is None:
        return None
    return 2 if amount_rials > two_above_rials else 1


def in_force(claim: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Approvals of this round; those of earlier ones are void."""
    return [one for one in claim["approvals"] if one["round"] == claim["round"]]


def why_not(claim: Mapping[str, Any], account: str) -> str | None:
    """Why an account cannot approve a claim, by a word; None where it may."""
    if claim["status"] != "proposed":
        return "not_proposed"
    if account in {claim["opened_by"], claim["proposed_by"]}:
        return "own"
    if account in {one["approver"] for one in in_force(claim)}:
        return "approved"
    return None
