"""Rules of delivery: why not, and what then; codes; images. Pure.

Reasons and actions are those that posts publish in meaning for UPU M40's EMH; the official list is
not public.
"""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from services.parcels.banking.domain import Asked
from services.parcels.delivery.errors import ActionNotAllowed, NoticesUsedUp, TermsNotMet
from shared.auth import World

ReasonCode = Literal[
    "door_locked",
    "moved",
    "insufficient_address",
    "cannot_be_located",
    "absent",
    "refused",
    "customs",
    "left_without_instructions",
    "damaged",
    "unclaimed",
    "deceased",
    "own_pickup_requested",
    "prohibited_content",
    "force_majeure",
    "validity_exceeded",
    "missent",
    "charges_to_be_paid",
    "recalled",
    "holiday",
    "delivery_later",
]
ActionCode = Literal[
    "deliver_again", "hold_at_office", "forward", "return_to_sender", "treat_as_undeliverable"
]
Method = Literal["code", "signature", "photo", "national_id"]
Receiver = Literal["recipient", "household", "colleague", "neighbour", "representative"]
ImageKind = Literal["signature", "photo"]
MediaType = Literal["image/png", "image/jpeg"]

IMAGE_BYTES_MAX: Final = 200_000
CODE_DIGITS: Final = 6
CODE_TRIES_MAX: Final = 5

ACTION_TEXTS: Final[Mapping[ActionCode, tuple[str, str]]] = {
    "deliver_again": ("دوباره برای تحویل برده می‌شود", "To be delivered again"),
    "hold_at_office": ("در دفتر برای گیرنده نگه داشته می‌شود", "To be held at the office"),
    "forward": ("به نشانی تازه فرستاده می‌شود", "To be forwarded"),
    "return_to_sender": ("به فرستنده بازگردانده می‌شود", "To be returned to the sender"),
    "treat_as_undeliverable": ("غیرقابل تحویل شمرده می‌شود", "To be treated as undeliverable"),
}
_AGAIN: Final = "deliver_again"
_HOLD: Final = "hold_at_office"
_FORWARD: Final = "forward"
_RETURN: Final = "return_to_sender"
_NOT: Final = "treat_as_undeliverable"


@dataclass(frozen=True, slots=True)
class Reason:
    """`actions`: those that may follow, the usual one first. `notice`: one is left at the door."""

    fa: str
    en: str
    actions: tuple[ActionCode, ...]
    notice: bool = False


REASONS: Final[Mapping[ReasonCode, Reason]] = {
    "door_locked": Reason("در بسته بود", "The door was locked", (_AGAIN, _HOLD), notice=True),
    "moved": Reason("گیرنده نقل مکان کرده است", "Moved", (_RETURN, _FORWARD, _HOLD)),
    "insufficient_address": Reason(
        "نشانی ناقص یا نادرست است", "Insufficient or wrong address", (_HOLD, _AGAIN, _RETURN)
    ),
    "cannot_be_located": Reason(
        "نشانی پیدا نشد", "The address cannot be located", (_HOLD, _AGAIN, _RETURN)
    ),
    "absent": Reason("گیرنده نبود", "The recipient was absent", (_AGAIN, _HOLD), notice=True),
    "refused": Reason("گیرنده نپذیرفت", "Refused by the recipient", (_RETURN, _HOLD, _NOT)),
    "customs": Reason("نیاز به کار گمرکی دارد", "Customs formalities", (_HOLD, _RETURN)),
    "left_without_instructions": Reason(
        "گیرنده بی‌نشانی تازه رفته است", "Left without instructions", (_RETURN, _HOLD)
    ),
    "damaged": Reason("مرسوله آسیب دیده است", "Damaged", (_HOLD, _RETURN, _NOT)),
    "unclaimed": Reason("گیرنده برای دریافت نیامد", "Unclaimed", (_RETURN, _NOT)),
    "deceased": Reason("گیرنده درگذشته است", "The recipient has died", (_RETURN, _NOT)),
    "own_pickup_requested": Reason(
        "گیرنده خواست خود از دفتر بگیرد", "Own pick-up was requested", (_HOLD,)
    ),
    "prohibited_content": Reason("محتوای ممنوع دارد", "Prohibited content", (_HOLD, _NOT)),
    "force_majeure": Reason("قوهٔ قاهره", "Force majeure", (_AGAIN, _HOLD)),
    "validity_exceeded": Reason("مهلت آن گذشته است", "Validity exceeded", (_RETURN, _NOT)),
    "missent": Reason("به اشتباه فرستاده شده است", "Missent", (_FORWARD, _HOLD)),
    "charges_to_be_paid": Reason(
        "هزینه‌ای باید پرداخت شود", "Charges are to be paid", (_AGAIN, _HOLD, _RETURN)
    ),
    "recalled": Reason("فرستنده پس خواست", "Recalled by the sender", (_RETURN,)),
    "holiday": Reason("تعطیل بود", "Closed for a holiday", (_AGAIN, _HOLD)),
    "delivery_later": Reason(
        "گیرنده زمان دیگری خواست", "Later delivery was requested", (_AGAIN, _HOLD)
    ),
}
LEAVE_NOTICE: Final = tuple(sorted(code for code, reason in REASONS.items() if reason.notice))


@dataclass(frozen=True, slots=True)
class Decision:
    action: ActionCode
    notice: int | None
    """The how-manieth notice this attempt leaves."""


def decide(
    code: ReasonCode, asked: ActionCode | None, notices_before: int, notices_max: int
) -> Decision:
    """What follows an attempt: as asked, else what is usual; after the last notice it is held."""
    reason = REASONS[code]
    notice = notices_before + 1 if reason.notice else None
    used_up = notice is not None and notice >= notices_max
    if asked is None:
        usual = reason.actions[0]
        return Decision(_HOLD if used_up and usual == _AGAIN else usual, notice)
    if asked not in reason.actions:
        raise ActionNotAllowed(f"after {code}, choose one of {', '.join(reason.actions)}")
    if used_up and asked == _AGAIN:
        raise NoticesUsedUp(f"this is notice {notice} of {notices_max}: choose {_HOLD}")
    return Decision(asked, notice)


def as_ordered(action: ActionCode, asked: Asked | None) -> ActionCode:
    """What the sender wants destroyed does not go back."""
    destroys = asked is not None and asked.undelivered == "destroy"
    return _NOT if destroys and action == _RETURN else action


def code_of(pepper: bytes, world: World, item_id: int, serial: int) -> str:
    """The code with which an item is handed over: derived, so that no table can give it away.

    Cut from the HMAC as RFC 4226 does; `serial` grows whenever a code is used or given anew.
    """
    message = f"delivery code\0{world}\0{item_id}\0{serial}".encode()
    mac = hmac.digest(pepper, message, "sha256")
    offset = mac[-1] & 0xF
    number = int.from_bytes(mac[offset : offset + 4], "big") & 0x7FFF_FFFF
    return str(number % 10**CODE_DIGITS).zfill(CODE_DIGITS)


def is_code(expected: str, given: str) -> bool:
    return hmac.compare_digest(expected.encode(), given.encode())


_PNG: Final = (b"\x89PNG\r\n\x1a\n", b"IEND\xaeB`\x82")
_JPEG: Final = (b"\xff\xd8\xff", b"\xff\xd9")


def media_type(content: bytes) -> MediaType:
    """By what stands at both ends, whatever it is said to be; ValueError if it is neither."""
    if not 0 < len(content) <= IMAGE_BYTES_MAX:
        raise ValueError(f"Send an image of at most {IMAGE_BYTES_MAX} bytes")
    if content.startswith(_PNG[0]) and content.endswith(_PNG[1]):
        return "image/png"
    if content.startswith(_JPEG[0]) and content.endswith(_JPEG[1]):
        return "image/jpeg"
    raise ValueError("Send a whole PNG or JPEG image")


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def check_terms(
    asked: Asked | None, receiver: Receiver, national_id: str | None, *, card_seen: bool
) -> None:
    """Raises TermsNotMet where the delivery is not as the order asks."""
    if asked is None:
        return
    if asked.addressee_only and receiver != "recipient":
        raise TermsNotMet("for the addressee only: deliver to nobody else")
    if asked.national_card and not (card_seen and national_id):
        raise TermsNotMet("the national card is to be seen: send national_card_seen and its number")
    if asked.national_id is not None and asked.national_id != national_id:
        raise TermsNotMet("this is not the addressee's national card: do not deliver")


def masked(national_id: str | None) -> str | None:
    """Its last four digits."""
    return None if national_id is None else "*" * (len(national_id) - 4) + national_id[-4:]
