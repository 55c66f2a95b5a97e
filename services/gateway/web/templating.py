"""Templates, compiled once a language: what they call says things in that one alone."""

import uuid
from datetime import timedelta
from functools import cache, partial
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from services.gateway.web import assets, faults, numbers
from services.gateway.web.texts import ALL, Language

FOLDER: Final = Path(__file__).parent / "templates"
DIRECTIONS: Final[dict[Language, str]] = {"fa": "rtl", "en": "ltr"}
FILTERS: Final = {
    "digits": numbers.digits,
    "number": numbers.number,
    "rials": numbers.rials,
    "percent": numbers.percent,
    "day": numbers.day,
    "short_day": numbers.short_day,
    "clock_time": numbers.clock_time,
    "instant": numbers.instant,
    "short_instant": numbers.short_instant,
    "duration": numbers.duration,
    "metres": numbers.metres,
    "grams": numbers.grams,
}
"""Each takes the value first, then the language, which templates need not say."""


@cache
def environment(language: Language) -> Environment:
    made = Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    for name, function in FILTERS.items():
        made.filters[name] = partial(_in, language, function)
    made.filters["machine"] = numbers.machine
    texts = ALL[language]
    made.globals |= {
        "t": texts,
        "name": texts.name,
        "words": texts.words,
        "say": partial(faults.say, texts),
        "lang": language,
        "dir": DIRECTIONS[language],
        "asset": assets.url,
        "new_key": lambda: str(uuid.uuid4()),
        "days": lambda n: timedelta(days=n),
    }
    return made


def template(language: Language, name: str) -> Template:
    return environment(language).get_template(name)


def _in(language: Language, function: Any, value: Any, *args: Any, **options: Any) -> str:
    text: str = function(value, language, *args, **options)
    return text
