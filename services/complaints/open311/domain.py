"""GeoReport v2: the services, and how a document is written as JSON or XML. Pure.

The standard: Open311's GeoReport v2 (wiki.open311.org/GeoReport_v2).
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal
from xml.etree import ElementTree as ET  # writes only: nothing that came from outside is parsed

Format = Literal["json", "xml"]
FORMATS: Final[tuple[Format, ...]] = ("json", "xml")
MEDIA_TYPES: Final[Mapping[Format, str]] = {
    "json": "application/json",
    "xml": "text/xml; charset=utf-8",
}
SPECIFICATION: Final = "http://wiki.open311.org/GeoReport_v2"
CHANGESET: Final = "2026-11-22T00:00:00Z"
"""When the services last changed."""
SPAN_MAX: Final = timedelta(days=90)
REQUESTS_MAX: Final = 1_000

Value = str | int | float | bool | None | Sequence[Any] | Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Service:
    """One category of complaints; `about_parcel`: a barcode must be told."""

    code: str
    name: str
    description: str
    keywords: str
    group: str
    about_parcel: bool


SERVICES: Final = {
    service.code: service
    for service in (
        Service(
            "delay",
            "تأخیر مرسوله",
            "مرسوله در زمان تعهدشده نرسیده است.",
            "تأخیر, دیرکرد, delay, late",
            "مرسولات",
            about_parcel=True,
        ),
        Service(
            "loss",
            "گم شدن مرسوله",
            "مرسوله یا بخشی از آن گم شده است.",
            "مفقودی, گم, loss, lost",
            "مرسولات",
            about_parcel=True,
        ),
        Service(
            "damage",
            "آسیب مرسوله",
            "مرسوله یا محتوای آن آسیب دیده است.",
            "آسیب, شکستگی, damage, broken",
            "مرسولات",
            about_parcel=True,
        ),
        Service(
            "conduct",
            "رفتار کارکنان",
            "رفتار نامه‌رسان یا کارکنان یک دفتر.",
            "رفتار, برخورد, conduct, staff",
            "دفاتر",
            about_parcel=False,
        ),
        Service(
            "price",
            "هزینه و تعرفه",
            "مبلغی که گرفته شده با تعرفه نمی‌خواند.",
            "قیمت, تعرفه, price, tariff",
            "دفاتر",
            about_parcel=False,
        ),
        Service(
            "other",
            "شکایت دیگر",
            "هر شکایت دیگر دربارهٔ یک مرسوله یا یک دفتر.",
            "شکایت, other, complaint",
            "دفاتر",
            about_parcel=False,
        ),
    )
}
NOTES: Final = {"answered": "به این شکایت پاسخ داده شده است.", "closed": "این شکایت بسته شد."}
"""What may be said to anyone of a case's state; of any other, that it is being looked into."""
NOTE: Final = "این شکایت در دست بررسی است."


def service_document(service: Service) -> dict[str, Value]:
    return {
        "service_code": service.code,
        "service_name": service.name,
        "description": service.description,
        "metadata": True,
        "type": "realtime",
        "keywords": service.keywords,
        "group": service.group,
    }


def definition(service: Service) -> dict[str, Value]:
    """What is to be told besides: a case needs its subject, and someone to answer."""
    asked = [
        ("barcode", service.about_parcel, "شمارهٔ مرسوله", "بارکد ۲۴ رقمی یا شمارهٔ بین‌المللی"),
        ("office", False, "کد دفتر", "دو حرف و پنج رقم، مانند KZ00012؛ جای address_id هم می‌آید"),
        ("name", True, "نام", "جای first_name و last_name"),
        ("phone", True, "شمارهٔ تماس", "جای phone"),
    ]
    return {
        "service_code": service.code,
        "attributes": [
            {
                "variable": True,
                "code": code,
                "datatype": "string",
                "required": required,
                "datatype_description": how,
                "order": order,
                "description": what,
                "values": [],
            }
            for order, (code, required, what, how) in enumerate(asked, start=1)
        ],
    }


def discovery(base_url: str, contact: str) -> dict[str, Value]:
    return {
        "changeset": CHANGESET,
        "contact": contact,
        "key_service": "",
        "endpoints": [
            {
                "specification": SPECIFICATION,
                "url": f"{base_url.rstrip('/')}/open311/v2",
                "changeset": CHANGESET,
                "type": "production",
                "formats": ["text/xml", "application/json"],
            }
        ],
    }


def within(
    start: datetime | None, end: datetime | None, now: datetime
) -> tuple[datetime, datetime] | None:
    """The days asked about, the last ninety unless told; None if they are more than ninety."""
    if end is None:
        end = start + SPAN_MAX if start is not None else now
    if start is None:
        start = end - SPAN_MAX
    return (start, end) if start <= end <= start + SPAN_MAX else None


_CASE_STATUS: Final[Mapping[bool, str]] = {True: "closed", False: "open"}


def status_of(case_status: str) -> str:
    """Open until it is closed."""
    return _CASE_STATUS[case_status == "closed"]


def note_of(case_status: str) -> str:
    return NOTES.get(case_status, NOTE)


# What the members of a list are called in XML; in JSON they have no name.
_MEMBER: Final[Mapping[str, str]] = {
    "services": "service",
    "service_requests": "request",
    "errors": "error",
    "attributes": "attribute",
    "values": "value",
    "endpoints": "endpoint",
    "formats": "format",
}
_NOT_IN_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def written(root: str, value: Value, form: Format) -> bytes:
    """The document; `root` is the element that holds it in XML."""
    if form == "json":
        return json.dumps(value, ensure_ascii=False).encode()
    found: bytes = ET.tostring(_element(root, value), encoding="utf-8", xml_declaration=True)
    return found


def _element(name: str, value: Value) -> ET.Element:
    element = ET.Element(name)
    match value:
        case None:
            pass
        case bool():
            element.text = "true" if value else "false"
        case str():
            element.text = _NOT_IN_XML.sub("", value)
        case int() | float():
            element.text = str(value)
        case Mapping():
            element.extend(_element(key, item) for key, item in value.items())
        case Sequence():
            element.extend(_element(_MEMBER[name], item) for item in value)
    return element
