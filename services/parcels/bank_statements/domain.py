"""How a line of a bank's statement compares with our order. Pure."""

from dataclasses import dataclass
from typing import Final, Literal

Kind = Literal["paid", "returned"]
Outcome = Literal[
    "matched",
    "confirmed",
    "returned",
    "unknown_order",
    "amount_differs",
    "other_trace_number",
    "trace_number_used",
    "not_paid",
    "paid_though_refused",
    "doubled",
]

GOOD: Final = frozenset({"matched", "confirmed", "returned"})
"""All else is an exception, for people."""


@dataclass(frozen=True, slots=True)
class Line:
    kind: Kind
    reference: str
    trace_number: str
    amount_rials: int


@dataclass(frozen=True, slots=True)
class Order:
    """What a line is compared with."""

    status: str
    amount_rials: int
    trace_number: str | None
    return_trace_number: str | None


def compare(line: Line, order: Order | None, *, seen: bool) -> Outcome:
    """`confirmed` and `returned` are to be carried out; `seen`: an earlier line says the same."""
    if order is None:
        return "unknown_order"
    if line.amount_rials != order.amount_rials:
        return "amount_differs"
    if seen:
        return "doubled"
    return _of_payment(line, order) if line.kind == "paid" else _of_return(line, order)


def _of_payment(line: Line, order: Order) -> Outcome:
    if order.status in {"fetched", "unknown"}:
        return "confirmed"
    if order.trace_number is None:
        return "paid_though_refused"
    return "matched" if order.trace_number == line.trace_number else "other_trace_number"


def _of_return(line: Line, order: Order) -> Outcome:
    if order.status == "paid":
        return "returned"
    if order.return_trace_number is None:
        return "not_paid"
    return "matched" if order.return_trace_number == line.trace_number else "other_trace_number"
