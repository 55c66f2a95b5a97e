"""Numbers, money, dates and times as people read them, in Persian and English. Pure.

Persian: Persian digits, U+066C between thousands, Jalali dates. English: Gregorian ones. Times are
Tehran's in both.
"""

from datetime import UTC, date, datetime
from typing import Final, Literal

from shared.calendar import TEHRAN, jalali_text, tehran_date
from shared.text import fold_digits, persian_digits

Language = Literal["fa", "en"]
NOTHING: Final = "—"
WHOLE_DIGITS_MAX: Final = 18
MONTHS: Final = (
    "فروردین",
    "اردیبهشت",
    "خرداد",
    "تیر",
    "مرداد",
    "شهریور",
    "مهر",
    "آبان",
    "آذر",
    "دی",
    "بهمن",
    "اسفند",
)
WEEKDAYS: Final = ("دوشنبه", "سه‌شنبه", "چهارشنبه", "پنج‌شنبه", "جمعه", "شنبه", "یکشنبه")
_UNITS: Final = {
    "fa": {"d": "روز", "h": "ساعت", "m": "دقیقه"},
    "en": {"d": "d", "h": "h", "m": "min"},
}


def whole(typed: str) -> int | str:
    """A whole number in any digits; as typed where it is none, which a service then refuses.

    No longer than a column holds: int() raises for some thousands of digits.
    """
    plain = fold_digits(typed)
    return int(plain) if plain.isdecimal() and len(plain) <= WHOLE_DIGITS_MAX else typed


def digits(text: object, language: Language) -> str:
    """As it is, in the language's digits."""
    return persian_digits(str(text)) if language == "fa" else str(text)


def number(value: float | None, language: Language, places: int | None = None) -> str:
    """With separators of thousands; as many decimals as it has unless `places` are given."""
    if value is None:
        return NOTHING
    if places is not None:
        text = f"{value:,.{places}f}"
    else:
        text = f"{value:,}" if isinstance(value, int) else f"{value:,.10g}"
    if language == "en":
        return text.replace("-", "\N{MINUS SIGN}")
    swapped = text.replace(",", "\u066c").replace(".", "\u066b").replace("-", "\N{MINUS SIGN}")
    return persian_digits(swapped)


def rials(value: int | None, language: Language) -> str:
    if value is None:
        return NOTHING
    return f"{number(value, language)} ریال" if language == "fa" else f"{number(value, 'en')} rials"


def percent(value: float | None, language: Language, places: int = 1) -> str:
    """Of a value in percent: 83.4."""
    if value is None:
        return NOTHING
    return f"{number(value, language, places)}{'٪' if language == 'fa' else '%'}"


def instant_of(value: str | datetime) -> datetime:
    """An RFC 3339 text (or an aware datetime) as an aware datetime."""
    return datetime.fromisoformat(value) if isinstance(value, str) else value


def _date_of(value: str | date | datetime) -> date:
    if isinstance(value, datetime):
        return tehran_date(value)
    if isinstance(value, date):
        return value
    if len(value) > 10:
        return tehran_date(datetime.fromisoformat(value))
    return date.fromisoformat(value)


def day(value: str | date | datetime | None, language: Language, *, weekday: bool = False) -> str:
    """A date, or the date in Tehran of an instant: «۲۴ خرداد ۱۳۹۸», "14 June 2019"."""
    if value is None:
        return NOTHING
    found = _date_of(value)
    if language == "en":
        text = f"{found.day} {found:%B} {found.year}"
        return f"{found:%A} {text}" if weekday else text
    year, month, nth = (int(part) for part in jalali_text(found).split("-"))
    text = persian_digits(f"{nth} {MONTHS[month - 1]} {year}")
    return f"{WEEKDAYS[found.weekday()]} {text}" if weekday else text


def short_day(value: str | date | datetime | None, language: Language) -> str:
    """For tables: «۱۳۹۸/۰۳/۲۴», "2019-06-14"."""
    if value is None:
        return NOTHING
    found = _date_of(value)
    if language == "en":
        return found.isoformat()
    return persian_digits(jalali_text(found).replace("-", "/"))


def clock_time(value: str | datetime | None, language: Language) -> str:
    """Hours and minutes in Tehran."""
    if value is None:
        return NOTHING
    return digits(f"{instant_of(value).astimezone(TEHRAN):%H:%M}", language)


def instant(value: str | datetime | None, language: Language) -> str:
    """Day and time in Tehran."""
    if value is None:
        return NOTHING
    comma = "، " if language == "fa" else ", "
    return f"{day(value, language)}{comma}{clock_time(value, language)}"


def short_instant(value: str | datetime | None, language: Language) -> str:
    """The same for tables."""
    if value is None:
        return NOTHING
    return f"{short_day(value, language)} {clock_time(value, language)}"


def machine(value: str | datetime) -> str:
    """For `<time datetime=…>`."""
    return instant_of(value).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def duration(seconds: float | None, language: Language) -> str:
    """In its two largest units: «۲ روز و ۳ ساعت», "2 d 3 h"."""
    if seconds is None:
        return NOTHING
    minutes = int(abs(seconds)) // 60
    parts = {"d": minutes // 1440, "h": minutes // 60 % 24, "m": minutes % 60}
    said = [(unit, n) for unit, n in parts.items() if n][:2] or [("m", 0)]
    words = [f"{number(n, language)} {_UNITS[language][unit]}" for unit, n in said]
    return (" و " if language == "fa" else " ").join(words)


def metres(value: float | None, language: Language) -> str:
    if value is None:
        return NOTHING
    unit_m, unit_km = ("متر", "کیلومتر") if language == "fa" else ("m", "km")
    if value < 950:
        return f"{number(round(value / 10) * 10, language)} {unit_m}"
    return f"{number(value / 1000, language, 1)} {unit_km}"


def grams(value: int | None, language: Language) -> str:
    if value is None:
        return NOTHING
    unit, kilo = ("گرم", "کیلوگرم") if language == "fa" else ("g", "kg")
    if value < 1000:
        return f"{number(value, language)} {unit}"
    return f"{number(value / 1000, language)} {kilo}"
