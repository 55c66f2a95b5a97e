"""A promise step by step, in Persian and English. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final, Literal

from services.parcels.promise import domain
from services.parcels.promise.domain import (
    Facts,
    Pause,
    PauseKind,
    Target,
    TermsVersion,
    Verdict,
    distance_of,
)
from services.parcels.promise.schemas import PromiseOut, Step, StepCode
from services.parcels.vocabulary import PRODUCT_WIRE, STATUS_WIRE, Status
from shared.calendar import TEHRAN, jalali_text, tehran_date
from shared.identifiers import barcode_of
from shared.money import persian_number
from shared.openings import DAY, DayRule
from shared.text import persian_digits

State = Literal["running", "paused", "kept", "late", "over"]

_PAUSES: Final[Mapping[PauseKind, tuple[str, str]]] = {
    "customs": ("گمرک", "customs"),
    "recipient_request": ("درخواست گیرنده", "the recipient's request"),
    "force_majeure": ("قوهٔ قاهره", "force majeure"),
}
_CLOSED: Final[Mapping[DayRule, tuple[str, str]]] = {
    "hours": ("روز تعطیل هفتگی", "closed by its week"),
    "holiday": ("تعطیل رسمی", "a holiday"),
    "exception": ("تعطیل استثنایی دفتر", "closed that day"),
}


def wall_time(minute: int | None) -> str | None:
    return None if minute is None else f"{minute // 60:02d}:{minute % 60:02d}"


def explained(
    row: Mapping[str, Any],
    facts: Facts,
    terms: tuple[TermsVersion, Target] | None,
    now: datetime,
) -> PromiseOut:
    """Of a row of `repository.facts`."""
    verdict = domain.judge(facts)
    steps: list[Step] = []
    if terms is not None:
        steps.extend(_reckoned(facts, *terms))
        steps.extend(_pauses(facts, verdict.pauses))
    state = _state(facts, verdict, now)
    steps.append(_at("promised", verdict.promised_at, "زمان تعهد", "promised for"))
    steps.extend(_outcome(facts, state))
    return PromiseOut.model_validate(
        {
            "barcode": barcode_of(row["item_id"]),
            "product": PRODUCT_WIRE[row["product"]],
            "status": STATUS_WIRE[row["status"]],
            "distance_class": distance_of(row),
            "terms": None if terms is None else terms[0].code,
            "basis": "booking" if facts.accepted_at is None else "acceptance",
            "promised_at": verdict.promised_at,
            "state": state,
            "steps": steps,
        }
    )


def _state(facts: Facts, verdict: Verdict, now: datetime) -> State:
    if verdict.late:
        return "late"
    if facts.status is Status.DELIVERED:
        return "kept"
    if facts.end is not None or facts.status is Status.CANCELLED:
        return "over"
    if verdict.paused:
        return "paused"
    return "late" if verdict.live and verdict.promised_at < now else "running"


def _step(code: StepCode, fa: str, en: str, **more: Any) -> Step:
    fields = ("at", "day", "until", "pause", "open_minutes")
    return Step(code=code, fa=fa, en=en, **dict.fromkeys(fields) | more)


def _time(at: datetime) -> tuple[str, str]:
    local = at.astimezone(TEHRAN)
    fa = f"{jalali_text(local.date()).replace('-', '/')} ساعت {local:%H:%M}"
    return persian_digits(fa), f"{local:%Y-%m-%d %H:%M}"


def _at(code: StepCode, at: datetime, fa: str, en: str, **more: Any) -> Step:
    time_fa, time_en = _time(at)
    return _step(code, f"{fa}: {time_fa}", f"{en} {time_en}", at=at, **more)


def _on(code: StepCode, day: date, fa: str, en: str) -> Step:
    text = persian_digits(jalali_text(day).replace("-", "/"))
    return _step(code, f"{fa}: {text}", f"{en}: {day}", day=day)


def _reckoned(facts: Facts, version: TermsVersion, target: Target) -> Iterator[Step]:
    """From the terms to what would be promised without pauses."""
    yield _terms(version, target)
    if facts.accepted_at is None:
        yield _at("counted_from", facts.start, "از زمان ثبت سفارش", "counted from the booking")
    else:
        yield _at("counted_from", facts.start, "از زمان پذیرش", "counted from the acceptance")
    business = facts.business
    posted = business.posting_day(facts.start, target.cutoff_minute)
    usual = domain.promised_at(facts.start, target, business)
    if posted is None or usual is None:
        return
    today = tehran_date(facts.start)
    if posted > today and business.works(today):
        yield _on("after_cut_off", today, "پس از مهلت پذیرش روز", "after the day's cut-off")
    for day, rule, works in domain.days_between(business, today, tehran_date(usual) - DAY):
        if not works:
            yield _on("closed_day", day, _CLOSED[rule][0], _CLOSED[rule][1])
        elif day == posted:
            yield _on("posting_day", day, "روز قبول", "posting day")
    if posted == tehran_date(usual):
        yield _on("posting_day", posted, "روز قبول", "posting day")
    yield _at("usual_end", usual, "پایان بدون توقف", "without pauses until")


def _terms(version: TermsVersion, target: Target) -> Step:
    if target.clock == "working_days":
        amount = (f"{persian_number(target.days)} روز کاری", f"{target.days} working days")
    else:
        amount = (f"{persian_number(target.hours)} ساعت کاری", f"{target.hours} office hours")
    cutoff = wall_time(target.cutoff_minute)
    fa = "" if cutoff is None else f"، پذیرش تا ساعت {persian_digits(cutoff)}"
    en = "" if cutoff is None else f", if accepted before {cutoff}"
    return _step("terms", amount[0] + fa, f"{amount[1]}{en} (terms {version.code})")


def _pauses(facts: Facts, pauses: Sequence[Pause]) -> Iterator[Step]:
    for pause in sorted(pauses, key=lambda pause: pause.since):
        fa, en = _PAUSES[pause.kind]
        minutes = None
        if pause.until is not None:
            since = max(pause.since, facts.start)
            minutes = open_minutes(facts, since, pause.until)
        yield _at(
            "pause",
            pause.since,
            f"توقف قانونی ({fa})",
            f"paused by {en} from",
            until=pause.until,
            pause=pause.kind,
            open_minutes=minutes,
        )


def open_minutes(facts: Facts, since: datetime, until: datetime) -> int:
    """How long the office was open in between."""
    found = timedelta()
    for opens, closes in facts.business.pieces(since, ()):
        if opens >= until:
            break
        found += min(closes, until) - opens
    return int(found.total_seconds()) // 60


def _outcome(facts: Facts, state: State) -> Iterator[Step]:
    end = facts.end
    match state:
        case "kept" if end is not None:
            yield _at("kept", end, "به‌موقع تحویل شد", "delivered in time")
        case "late" if end is not None:
            yield _at("late", end, "دیرتر از زمان تعهد", "later than promised")
        case "late":
            yield _step("late", "زمان تعهد گذشته است", "the promised time has passed")
        case "paused":
            yield _step("paused", "اکنون متوقف است", "paused now: the time is added behind")
        case _:
            return
