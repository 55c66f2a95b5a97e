"""What is wrong with a field, in the reader's language: by the error's code and its limits."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from services.gateway.web import numbers
from services.gateway.web.texts import Texts

FAMILY: Final = "fault"
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
SAID_AS: Final[Mapping[str, tuple[str, ...]]] = {
    "missing": (
        "union_tag_not_found",
        "missing_argument",
        "missing_keyword_only_argument",
        "missing_positional_only_argument",
    ),
    "extra_forbidden": ("unexpected_keyword_argument", "invalid_key"),
    "string_type": ("bytes_type", "string_sub_type"),
    "characters": (
        "string_unicode",
        "string_not_ascii",
        "bytes_invalid_encoding",
        "text_nul",
        "text_surrogate",
    ),
    "string_too_short": ("bytes_too_short",),
    "string_too_long": ("bytes_too_long", "url_too_long"),
    "number": (
        "int_type",
        "int_parsing",
        "float_type",
        "float_parsing",
        "decimal_type",
        "decimal_parsing",
        "finite_number",
    ),
    "whole_number": ("int_from_float",),
    "too_great": ("int_parsing_size", "decimal_max_digits", "decimal_whole_digits"),
    "choice": ("literal_error", "enum", "union_tag_invalid"),
    "yes_or_no": ("bool_type", "bool_parsing"),
    "list": ("list_type", "tuple_type", "set_type", "frozen_set_type", "iterable_type"),
    "object": (
        "dict_type",
        "mapping_type",
        "model_type",
        "model_attributes_type",
        "dataclass_type",
        "json_invalid",
        "json_type",
    ),
    "day": (
        "date_type",
        "date_parsing",
        "date_from_datetime_parsing",
        "date_from_datetime_inexact",
    ),
    "future": ("date_past", "datetime_past"),
    "past": ("date_future", "datetime_future"),
    "time": ("time_type", "time_parsing"),
    "instant": (
        "datetime_type",
        "datetime_parsing",
        "datetime_object_invalid",
        "datetime_from_date_parsing",
    ),
    "timezone": ("timezone_naive", "timezone_aware", "timezone_offset"),
    "duration": ("time_delta_type", "time_delta_parsing"),
    "web_address": ("url_type", "url_parsing", "url_syntax_violation", "url_scheme"),
    "uuid": ("uuid_type", "uuid_parsing", "uuid_version"),
    "none": ("none_required",),
    "period": ("days",),
    "value_error": ("assertion_error", "member", "receiver", "province", "range"),
    "one_office": ("one_kind",),
    "owner_name": ("owner_apart",),
    "interval": ("intervals",),
}
"""Codes of one text, by its last part; a code that is in none has a text of its own, or none."""
KEYS: Final = {code: key for key, codes in SAID_AS.items() for code in codes}
UNSAID: Final = frozenset({"invalid", "value_error"})
"""Codes whose texts say too little: the service's own words go with them."""
BARE: Final = frozenset({"missing", "number", "string_pattern_mismatch", "string_too_short"})
"""Codes that say no more than that nothing right was written: some fields say what to write."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One error of a problem; `message` is the service's own, in English."""

    message: str
    code: str = ""
    limits: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, error: Mapping[str, Any]) -> "Fault":
        limits = error.get("limits")
        return cls(
            str(error.get("message", "")),
            str(error.get("code", "")),
            limits if isinstance(limits, dict) else {},
        )

    @property
    def key(self) -> str:
        return KEYS.get(self.code, self.code)

    @property
    def whole(self) -> bool:
        """Whether its text says all there is to say."""
        return self.key not in UNSAID

    @property
    def bare(self) -> bool:
        return self.key in BARE


def say(texts: Texts, fault: Fault) -> str | None:
    """In the reader's words; None where there are none for it."""
    key = f"{FAMILY}.{fault.key}"
    if not texts.has(key):
        return None
    text = texts(key)
    if "{" not in text:
        return text
    limits = {name: _shown(texts, value) for name, value in fault.limits.items()}
    try:
        return texts(key, **limits) if limits else None
    except KeyError:  # a service left out what the text needs
        return None


def _shown(texts: Texts, value: Any) -> Any:
    if isinstance(value, str) and _DAY.match(value):
        return numbers.short_day(value, texts.language)
    return value
