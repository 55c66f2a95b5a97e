"""The seeded catalogue, as a pure plan: 400 delegated services, the counter's own, who offers what.

The bodies are real (principals.csv); what they delegate, what it costs and who offers it is example
data: five acts of each body from acts.csv and five that every body has. On record are the five
services of the first communication offices (1382) and their rule.
"""

import csv
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from importlib.resources import files
from typing import Final

from services.offices.catalogue.schemas import NewPrincipal, NewRule, NewService

SINCE: Final = date(2011, 3, 21)  # 1390-01-01: example services and offerings are valid from here
PAPERS: Final = {
    "i": "کارت ملی",
    "b": "شناسنامه",
    "p": "یک قطعه عکس ۳ در ۴",
    "d": "سند مالکیت یا اجاره‌نامه",
    "v": "سند و کارت خودرو",
    "c": "شماره پرونده",
    "l": "پروانه یا مجوز فعالیت",
    "m": "مدارک پزشکی",
    "s": "فیش حقوق یا فهرست بیمه",
}


@dataclass(frozen=True, slots=True)
class Act:
    """What a body delegates; `papers` are keys of PAPERS."""

    act: str
    name: str
    name_en: str
    minutes: int
    papers: str
    electronic: bool = False
    at_counter: bool = True


COMMON: Final = (
    Act("file", "تشکیل پرونده", "Opening of a file", 20, "ib"),
    Act("status", "استعلام وضعیت پرونده", "Status of a file", 5, "ic", electronic=True),
    Act("payment", "پرداخت هزینه", "Payment of charges", 5, "c", electronic=True),
    Act("objection", "ثبت اعتراض", "Objection", 20, "ic"),
    Act("contact", "اصلاح نشانی و تلفن", "New address", 5, "i", electronic=True, at_counter=False),
)
"""Acts of every body that delegates."""

COUNTER: Final = (
    ("counter", Act("e-payment", "پرداخت الکترونیکی", "E-payment", 5, "")),
    ("counter", Act("insurance", "بیمه", "Insurance", 20, "i")),
    ("counter", Act("legal-advice", "مشاوره حقوقی", "Legal advice", 30, "i")),
    ("counter", Act("abroad", "ثبت‌نام ایرانیان خارج از کشور", "Citizens abroad", 25, "ib")),
    ("post", Act("mail", "خدمات پستی", "Post", 5, "")),
    ("post-bank", Act("banking", "خدمات پست بانک", "Post Bank", 10, "i")),
    ("telecom", Act("long-distance", "تلفن راه دور", "Long-distance telephone", 10, "")),
    ("mobile", Act("services", "خدمات تلفن همراه", "Mobile telephone services", 15, "i")),
    ("payam", Act("air-cargo", "بار هوایی پیام", "Payam air cargo", 15, "i")),
)
"""The counter's own services, and the five of 1382."""

FIVE_OF_1382: Final = (
    "post.mail",
    "post-bank.banking",
    "telecom.long-distance",
    "mobile.services",
    "payam.air-cargo",
)
RULE_OF_1382: Final = NewRule(
    name="دست‌کم سه خدمت از پنج خدمت دفتر خدمات ارتباطی",
    kind="communication_office",
    services=list(FIVE_OF_1382),
    at_least=3,
    valid_from=date(2003, 3, 21),
    valid_until=None,
    source="مقررات دفاتر خدمات ارتباطی، ۱۳۸۲",
)
"""The first on record: a communication office of 1382 offered at least three of the five."""

PRINCIPALS_SHARE: Final = {"pishkhan": 8, "rural_ict": 4, "post_office": 3, "agency": 1}
"""Of a hundred bodies, for how many an office of the kind serves."""
ALWAYS: Final[Mapping[str, tuple[str, ...]]] = {
    "pishkhan": (
        *FIVE_OF_1382[:4],
        "counter.e-payment",
        "counter.insurance",
        "counter.legal-advice",
        "counter.abroad",
    ),
    "rural_ict": ("post.mail", "post-bank.banking", "telecom.long-distance", "counter.e-payment"),
    "post_office": ("post.mail", "post-bank.banking", "counter.e-payment"),
    "agency": ("post.mail", "counter.e-payment"),
}
"""What every office of the kind offers."""


def load_principals() -> list[NewPrincipal]:
    names = NewPrincipal.model_fields
    return [NewPrincipal(**{name: row[name] for name in names}) for row in _rows("principals.csv")]


def plan_services() -> list[NewService]:
    """Delegated services first, 400 of them, then the counter's own."""
    common = [
        _service(row["slug"], act, row)
        for row in _rows("principals.csv")
        if row["delegated"] == "1"
        for act in COMMON
    ]
    own = [
        _service(
            row["principal"],
            Act(
                *(row["act"], row["name"], row["name_en"], int(row["minutes"]), row["papers"]),
                electronic=row["electronic"] == "1",
            ),
        )
        for row in _rows("acts.csv")
    ]
    counter = [_service(principal, act) for principal, act in COUNTER]
    return own + common + [each.model_copy(update={"delegated": False}) for each in counter]


def _service(principal: str, act: Act, body: Mapping[str, str] | None = None) -> NewService:
    """`body`: whose name goes into the name of an act that every body has."""
    fee = 20_000 + 4_000 * act.minutes  # an example, as is the share
    return NewService(
        code=f"{principal}.{act.act}",
        principal=principal,
        name=f"{act.name}، {body['name']}" if body else act.name,
        name_en=f"{act.name_en}, {body['name_en']}" if body else act.name_en,
        documents=[PAPERS[paper] for paper in act.papers],
        duration_minutes=act.minutes,
        electronic=act.electronic,
        at_counter=act.at_counter,
        fee_rials=fee,
        office_share_rials=fee * 2 // 5,
        valid_from=SINCE,
    )


def plan_offerings(
    offices: Iterable[tuple[str, str]], services: Sequence[NewService]
) -> dict[str, list[str]]:
    """The services of each office (key and kind), in order; the same for a key every time.

    An office serves for a body or not, as a hash of both says, and then does all that the body
    delegates to counters.
    """
    of_body: dict[str, list[str]] = {}
    for service in services:
        if service.delegated and service.at_counter:
            of_body.setdefault(service.principal, []).append(service.code)
    return {
        key: sorted(
            [
                *ALWAYS.get(kind, ()),
                *(
                    code
                    for body, codes in of_body.items()
                    if _percentile(f"{key} {body}") < PRINCIPALS_SHARE.get(kind, 0)
                    for code in codes
                ),
            ]
        )
        for key, kind in offices
    }


def _percentile(text: str) -> int:
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4]) % 100


def _rows(name: str) -> list[dict[str, str]]:
    text = files("services.offices.catalogue").joinpath(name).read_text(encoding="utf-8")
    return list(csv.DictReader(line for line in text.splitlines() if not line.startswith("#")))
