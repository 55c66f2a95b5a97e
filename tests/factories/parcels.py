"""Orders and scans as shops and clerks send them."""

import uuid
from datetime import UTC, datetime
from typing import Any


def order(office: str, **changes: Any) -> dict[str, Any]:
    """The body of a booking."""
    return {
        "product": "pishtaz",
        "channel": "ecommerce",
        "weight_g": 450,
        "origin_office": office,
        "sender": {
            "name": "فروشگاه کارون",
            "phone": "06133334444",
            "address": "اهواز، خیابان نادری",
            "postal_code": "6135743337",
        },
        "recipient": {
            "name": "مریم احمدی",
            "phone": "09123456789",
            "address": "دزفول، خیابان شریعتی",
            "postal_code": "6461843337",
            "province": "khuzestan",
            "town": "dezful",
        },
        **changes,
    }


def scan(barcode: str, event: str, office: str, **changes: Any) -> dict[str, Any]:
    """One scan, now."""
    return {
        "barcode": barcode,
        "event_id": str(uuid.uuid4()),
        "event": event,
        "office": office,
        "occurred_at": datetime.now(UTC).isoformat(),
        **changes,
    }
