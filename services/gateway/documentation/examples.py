"""What people read first in `/docs`: titles in Persian and English, requests that run as printed.

Offices and towns are those of the seeded province. Pure.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Example:
    """`body`: of the request, as JSON; `params`: of its query."""

    fa: str
    en: str
    body: Json | None = None
    params: Mapping[str, Any] = field(default_factory=dict)


SENDER: Final = {"name": "فروشگاه نمونه", "phone": "06133334444", "address": "اهواز، نادری"}
ORDER: Final[Json] = {
    "product": "pishtaz",
    "channel": "ecommerce",
    "weight_g": 450,
    "origin_office": "KZ00007",
    "sender": SENDER,
    "recipient": {
        "name": "مریم احمدی",
        "phone": "09123456789",
        "address": "دزفول، شریعتی",
        "province": "khuzestan",
        "town": "dezful",
    },
}
CONSIGNMENT: Final[Json] = {
    "product": "pishtaz",
    "weight_g": 450,
    "destination_province": "khuzestan",
}
EXAMPLES: Final[dict[str, Example]] = {
    "quote_of": Example("بهای پستی", "What it costs", params=CONSIGNMENT),
    "quote": Example("استعلام بها", "Ask for a price", CONSIGNMENT | {"cod_rials": 1_000_000}),
    "book_parcel": Example("ثبت مرسوله", "Book a parcel", ORDER),
    "book_parcels": Example("ثبت گروهی", "Book many parcels", {"parcels": [ORDER, ORDER]}),
    "list_parcels": Example("مرسوله‌های من", "My parcels", params={"status": "booked"}),
    "get_parcel": Example("یک مرسوله", "One parcel"),
    "cancel_parcel": Example("انصراف از ارسال", "Cancel a parcel"),
    "parcel_label": Example("برچسب مرسوله", "The label of a parcel"),
    "explain_promise": Example("موعد تحویل و دلیل آن", "Until when it is promised, and why"),
    "track": Example("رهگیری مرسوله", "Track a parcel"),
    "track_many": Example(
        "رهگیری چند مرسوله",
        "Track several parcels",
        {"barcodes": ["610000000000001000000000"]},
        params={"lang": "fa"},
    ),
    "list_offices": Example("دفترها", "Offices", params={"town": "dezful", "limit": 5}),
    "nearest_offices": Example(
        "نزدیک‌ترین دفترها",
        "The nearest offices",
        params={"latitude": 31.32, "longitude": 48.67, "limit": 3},
    ),
    "list_towns": Example("شهرها", "Towns"),
    "file_complaint": Example(
        "ثبت شکایت",
        "File a complaint",
        {
            "about": {"kind": "office", "office": "KZ00007"},
            "category": "conduct",
            "text": "باجه پیش از پایان ساعت کار بسته بود",
            "complainant": {"name": "مریم احمدی", "phone": "09123456789"},
        },
    ),
    "get_complaint": Example("پیگیری شکایت", "Follow a complaint"),
    "contest_complaint_answer": Example("اعتراض به پاسخ", "Contest an answer"),
    "read_events": Example("رویدادهای من", "My events", params={"after": 0, "limit": 10}),
    "register_webhook": Example(
        "ثبت وب‌هوک",
        "Register a webhook",
        {"url": "https://shop.example/hooks/post", "events": ["parcel.*"]},
    ),
    "list_webhooks": Example("وب‌هوک‌های من", "My webhooks", params={"limit": 10}),
    "get_token": Example("گرفتن توکن", "Get a token"),
    "fetch_payment_orders": Example("گرفتن دستور پرداخت", "Take orders to pay", {"limit": 100}),
    "confirm_payment_order": Example("اعلام پرداخت", "Say that it was paid"),
}
TAGS: Final[dict[str, str]] = {
    "tariff": "نرخ‌نامه و بها · Tariffs and prices",
    "booking": "ثبت سفارش · Booking",
    "labels": "برچسب · Labels",
    "tracking": "رهگیری · Tracking",
    "promise": "موعد تحویل · Promises",
    "delivery": "توزیع و تحویل · Delivery",
    "returns": "برگشت · Returns",
    "pickups": "جمع‌آوری از محل · Collection at the sender's",
    "offices": "دفترها · Offices",
    "maps": "نقشه · Maps",
    "complaints": "شکایت‌ها · Complaints",
    "compensation": "غرامت · Compensation",
    "surveys": "نظرسنجی · Surveys",
    "events": "رویدادها · Events",
    "webhooks": "وب‌هوک · Webhooks",
    "cash on delivery": "پرداخت در محل · Cash on delivery",
    "payments": "دستورهای پرداخت · Payment orders",
    "accounts": "حساب پستی · Postage accounts",
    "invoices": "صورت‌حساب · Invoices",
    "partners": "شریکان · Partners",
    "oauth": "توکن · Tokens",
    "sessions": "ورود · Signing in",
    "statistics": "آمار · Statistics",
    "reports": "گزارش · Reports",
}
DESCRIPTION: Final = """The province's post: offices, parcels, tracking, complaints, partners.

A price, without a key:

```
curl -s http://127.0.0.1:8000/v1/quotes -H 'Content-Type: application/json' \\
  -d '{"product":"pishtaz","weight_g":450,"destination_province":"khuzestan"}'
```

Money is whole rials, times are RFC 3339. Whatever creates or pays takes an `Idempotency-Key`:
the same key is the same effect, however often it is sent. Refusals are `application/problem+json`
with a stable `code`. Each operation names its scope in `x-scope`; a key `susa_test_…` speaks to the
sandbox.

<div dir="rtl" lang="fa">

**راهنما.** بهای پستی را بی‌کلید می‌توان پرسید (نمونهٔ بالا). مبلغ‌ها به ریال و زمان‌ها به وقت
جهانی‌اند. هر درخواستی که چیزی می‌سازد یا می‌پردازد سرآیند `Idempotency-Key` می‌پذیرد: یک کلید، یک
اثر، هر چند بار که فرستاده شود. پاسخ‌های رد، `code` ثابت دارند و `detail` برای خواندن است. کلید
`susa_test_…` با محیط آزمایشی سخن می‌گوید و به مرسولهٔ واقعی نمی‌رسد.

</div>
"""


def add_to(document: Json) -> None:
    """Titles, examples and the languages' words, where the document has what they are of."""
    for item in document["paths"].values():
        for operation in item.values():
            if (found := EXAMPLES.get(operation.get("operationId", ""))) is not None:
                _show(operation, found)
    used = {tag for item in document["paths"].values() for o in item.values() for tag in _tags(o)}
    document["tags"] = [
        {"name": tag, **({"description": TAGS[tag]} if tag in TAGS else {})} for tag in sorted(used)
    ]


def _tags(operation: Json) -> list[str]:
    tags: list[str] = operation.get("tags", [])
    return tags


def _show(operation: Json, example: Example) -> None:
    operation["summary"] = f"{example.fa} · {example.en}"
    content = operation.get("requestBody", {}).get("content", {}).get("application/json")
    if content is not None and example.body is not None:
        content["example"] = example.body
    for parameter in operation.get("parameters", []):
        if parameter["name"] in example.params:
            parameter["example"] = example.params[parameter["name"]]
