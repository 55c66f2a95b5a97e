"""Made-up senders and recipients: common names at random, numbers that are only well-formed."""

from dataclasses import dataclass
from random import Random
from typing import Any

GIVEN = (
    "علی", "محمد", "حسین", "رضا", "مهدی", "حسن", "امیر", "سعید", "مجید", "جاسم", "کاظم", "یوسف",
    "فاطمه", "زهرا", "مریم", "زینب", "معصومه", "لیلا", "سمیه", "نرگس", "سارا", "الهام", "نازنین",
)  # fmt: skip
FAMILY = (
    "احمدی", "محمدی", "حسینی", "رضایی", "مرادی", "کریمی", "موسوی", "جعفری", "صالحی", "قاسمی",
    "بهداروند", "دزفولی", "شوشتری", "بهبهانی", "عبادی", "نیسی", "سواری", "حیدری", "کعبی", "منصوری",
)  # fmt: skip
STREETS = (
    "خیابان آزادی", "خیابان سعدی", "خیابان حافظ", "خیابان شریعتی", "بلوار معلم", "کوی فرهنگیان",
    "خیابان طالقانی", "کوی پردیس", "خیابان فردوسی", "بلوار گلستان",
)  # fmt: skip
BANKS = tuple(f"بانک نمونه {letter}" for letter in "آبپتث")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a party lives. Provinces go by slug; `first_digit` opens the postal code there."""

    province: str
    town: str
    name: str
    first_digit: str


# Outside Khuzestan a few towns stand for the rest of the country.
ADJACENT = (
    Place("lorestan", "khorramabad", "خرم‌آباد", "6"),
    Place("ilam", "ilam", "ایلام", "6"),
    Place("bushehr", "bushehr", "بوشهر", "7"),
)
OTHER = (
    Place("tehran", "tehran", "تهران", "1"),
    Place("fars", "shiraz", "شیراز", "7"),
    Place("yazd", "yazd", "یزد", "8"),
    Place("qom", "qom", "قم", "3"),
    Place("kerman", "kerman", "کرمان", "7"),
)


def person(rng: Random, place: Place) -> dict[str, Any]:
    return _party(rng, f"{rng.choice(GIVEN)} {rng.choice(FAMILY)}", place)


def bank(rng: Random, place: Place) -> dict[str, Any]:
    return _party(rng, rng.choice(BANKS), place)


def shop(rng: Random, place: Place) -> dict[str, Any]:
    return _party(rng, f"فروشگاه {rng.choice(FAMILY)}", place)


def sheba(rng: Random) -> str:
    """A bank account number whose check digits fit and whose bank does not exist (99)."""
    account = f"99{rng.randrange(10**20):020d}"
    check = 98 - int(f"{account}182700") % 97  # ISO 13616: I is 18, R is 27
    return f"IR{check:02d}{account}"


def _party(rng: Random, name: str, place: Place) -> dict[str, Any]:
    """The shape of `sender`. 0900 is a mobile prefix that phonenumbers accepts (tested)."""
    return {
        "name": name,
        "phone": f"0900{rng.randrange(10**7):07d}",
        "address": f"{place.name}، {rng.choice(STREETS)}، پلاک {rng.randrange(1, 300)}",
        "postal_code": place.first_digit + "".join(rng.choices("13456789", k=9)),
    }
