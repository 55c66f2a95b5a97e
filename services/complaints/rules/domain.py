"""How much compensation is due, worked out step by step. Pure.

The time-bars: domestic one year from the day of posting (Postal Act 1294, art. 47), international
an inquiry within six months from the day after posting (UPU). No rule of amounts is published but
the caps: the shares are data.
"""

from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final, Literal, assert_never

from shared.calendar import tehran_date
from shared.money import format_rials, share

Cause = Literal[
    "loss", "damage", "partial_loss", "delay", "cod_not_remitted", "return_without_cause"
]
Contents = Literal["goods", "foreign_goods", "cash", "bank_documents"]
Outcome = Literal["payable", "time_barred", "loss_needed", "nothing_due"]

WHOLE: Final = 10_000
"""Basis points of all of it."""
HOUR: Final = timedelta(hours=1)
REMITTED: Final = frozenset({"ordered", "paid"})
"""Where cash on delivery is once its sender has it, or a bank is told to pay it."""
SENT_BACK: Final = frozenset({"returning", "returned"})


@dataclass(frozen=True, slots=True)
class Late:
    """From so many hours after the promise on, this share of the postage."""

    hours: int
    basis_points: int


@dataclass(frozen=True, slots=True)
class Terms:
    """One version of the rules; `late` by product, in rising hours."""

    caps: Mapping[Contents, int]
    postage_basis_points: Mapping[Cause, int]
    late: Mapping[str, tuple[Late, ...]]
    two_approvals_above_rials: int
    fetched_within_days: int
    charged_back_basis_points: Mapping[Cause, int]
    appeal_days: int
    cod_overdue_days: int
    domestic_bar_years: int
    international_bar_months: int


@dataclass(frozen=True, slots=True)
class Facts:
    """Of a parcel, as parcels knows it; `posted_at` None: never accepted."""

    product: str
    international: bool
    status: str
    price_rials: int
    declared_value_rials: int
    cod_rials: int
    cod_place: str | None
    cod_taken_at: datetime | None
    posted_at: datetime | None
    promised_at: datetime | None
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class Asked:
    """`committed_rials`: what other payments of this parcel take of its cap, paid or on their way.

    `loss_rials`: what an officer found; `asked_rials`: what the claimant says, to be looked at.
    `paid_before_rials`: what a supplement adds to. `now`: how late is it, if it never ended.
    """

    cause: Cause
    contents: Contents
    loss_rials: int | None
    claimed_on: date
    now: datetime
    asked_rials: int | None = None
    committed_rials: int = 0
    paid_before_rials: int = 0


@dataclass(frozen=True, slots=True)
class Step:
    """One step; `rials` add up to the amount. `text` is for people."""

    step: str
    rials: int
    text: str


@dataclass(slots=True)
class Worked:
    outcome: Outcome
    steps: list[Step] = field(default_factory=list)

    @property
    def amount_rials(self) -> int:
        return sum(step.rials for step in self.steps)

    def add(self, step: str, rials: int, text: str) -> None:
        self.steps.append(Step(step, rials, text))


def last_day(posted: date, terms: Terms, *, international: bool) -> date:
    """The last day on which a claim may be made."""
    if international:
        return _months_later(posted + timedelta(1), terms.international_bar_months)
    return _months_later(posted, 12 * terms.domestic_bar_years)


def _months_later(day: date, months: int) -> date:
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def work(terms: Terms, facts: Facts, asked: Asked) -> Worked:
    """The whole computation; the amount is what its steps add up to."""
    barred = _barred(terms, facts, asked)
    if barred is not None:
        return barred
    worked = Worked("payable")
    worked.add("time_bar", 0, "در مهلت قانونی مطالبه شده است")
    if not _base(worked, terms, facts, asked):
        return worked
    points = terms.postage_basis_points[asked.cause]
    if points:
        refund = share(facts.price_rials, points, WHOLE)
        worked.add("postage", refund, f"استرداد {points / 100:g}٪ کرایهٔ پستی")
    _limit(worked, terms, asked)
    if worked.amount_rials == 0:
        worked.outcome = "nothing_due"
    return worked


def _barred(terms: Terms, facts: Facts, asked: Asked) -> Worked | None:
    if facts.posted_at is None:
        worked = Worked("nothing_due")
        worked.add("not_posted", 0, "این مرسوله هنوز پذیرش نشده است")
        return worked
    last = last_day(tehran_date(facts.posted_at), terms, international=facts.international)
    if asked.claimed_on <= last:
        return None
    worked = Worked("time_barred")
    worked.add("time_bar", 0, f"مهلت مطالبه در {last.isoformat()} به پایان رسیده است")
    return worked


def _base(worked: Worked, terms: Terms, facts: Facts, asked: Asked) -> bool:
    """The first addend; False ends the computation."""
    match asked.cause:
        case "loss":
            return _value(worked, facts, asked, needs_loss=False)
        case "damage" | "partial_loss":
            return _value(worked, facts, asked, needs_loss=True)
        case "delay":
            return _late(worked, terms, facts, asked)
        case "cod_not_remitted":
            return _cod(worked, terms, facts, asked)
        case "return_without_cause":
            return _sent_back(worked, facts)
        case _:
            assert_never(asked.cause)


def _value(worked: Worked, facts: Facts, asked: Asked, *, needs_loss: bool) -> bool:
    """What was declared bounds what was lost; undeclared contents go up to the cap."""
    loss, declared = asked.loss_rials, facts.declared_value_rials
    if loss is None and (needs_loss or not declared):
        if needs_loss or asked.asked_rials:
            worked.outcome = "loss_needed"
            worked.add("loss", 0, "میزان خسارت هنوز ارزیابی نشده است")
            return False
        worked.add("undeclared", 0, "ارزش محتویات اظهار نشده و میزان خسارت گفته نشده است")
        return True
    if loss is None:
        worked.add("declared_value", declared, f"ارزش اظهارشده {format_rials(declared)}")
        return True
    worked.add("loss", loss, f"خسارت ارزیابی‌شده {format_rials(loss)}")
    if declared and loss > declared:
        text = f"حداکثر تا ارزش اظهارشده {format_rials(declared)}"
        worked.add("declared_value", declared - loss, text)
    return True


def late_by(facts: Facts, now: datetime) -> timedelta | None:
    """None where nothing was promised; what has not ended is late until now."""
    if facts.promised_at is None:
        return None
    return (facts.ended_at or now) - facts.promised_at


def _late(worked: Worked, terms: Terms, facts: Facts, asked: Asked) -> bool:
    late = late_by(facts, asked.now)
    reached = [
        one
        for one in terms.late.get(facts.product, ())
        if late is not None and late >= one.hours * HOUR
    ]
    if late is None or not reached:
        worked.outcome = "nothing_due"
        worked.add("late", 0, "تأخیر به میزانی که جبران دارد نرسیده است")
        return False
    rule = reached[-1]
    refund = share(facts.price_rials, rule.basis_points, WHOLE)
    text = f"{late // HOUR} ساعت تأخیر: {rule.basis_points / 100:g}٪ کرایهٔ پستی"
    worked.add("late", refund, text)
    return True


def _cod(worked: Worked, terms: Terms, facts: Facts, asked: Asked) -> bool:
    """Cash that was taken long enough ago; what a settlement pays anyway is not paid here."""
    if facts.cod_taken_at is None or facts.cod_place is None or facts.cod_place in REMITTED:
        worked.outcome = "nothing_due"
        worked.add("cod", 0, "وجه پس‌کرایه دریافت نشده یا به فرستنده پرداخت شده است")
        return False
    if asked.now < facts.cod_taken_at + timedelta(days=terms.cod_overdue_days):
        worked.outcome = "nothing_due"
        worked.add("cod", 0, f"از دریافت وجه هنوز {terms.cod_overdue_days} روز نگذشته است")
        return False
    worked.add("cod", facts.cod_rials, "وجه دریافتی از گیرنده که پرداخت نشده است")
    return True


def _sent_back(worked: Worked, facts: Facts) -> bool:
    if facts.status in SENT_BACK:
        return True
    worked.outcome = "nothing_due"
    worked.add("returned", 0, "این مرسوله برگشت داده نشده است")
    return False


def _limit(worked: Worked, terms: Terms, asked: Asked) -> None:
    """All causes of one parcel together stay within its cap."""
    if asked.paid_before_rials:
        before = min(asked.paid_before_rials, worked.amount_rials)
        worked.add(
            "paid_before", -before, f"پیش‌تر {format_rials(asked.paid_before_rials)} پرداخت شده"
        )
    cap = terms.caps[asked.contents]
    room = max(cap - asked.committed_rials, 0)
    if worked.amount_rials > room:
        text = f"سقف {format_rials(cap)}"
        if asked.committed_rials:
            text += f" با احتساب {format_rials(asked.committed_rials)} دیگر همین مرسوله"
        worked.add("cap", room - worked.amount_rials, text)


def approvals_needed(terms: Terms, amount_rials: int) -> int:
    return 2 if amount_rials > terms.two_approvals_above_rials else 1


def charged_back(terms: Terms, cause: Cause, amount_rials: int) -> int:
    return share(amount_rials, terms.charged_back_basis_points[cause], WHOLE)
