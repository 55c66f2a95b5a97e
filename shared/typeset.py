"""Pages from typst templates: PDF, or pixels. Persian is shaped and ordered by typst.

Data reaches a template as JSON in `sys.inputs.data` and is never part of its source, so nothing a
person wrote can become markup. The only font is one that typst carries (DejaVu Sans Mono, which
has Persian): every machine prints the same.
"""

import asyncio
import json
from datetime import datetime
from typing import Any, Final

import typst

_AT_ONCE: Final = asyncio.Semaphore(2)
"""Typesetting takes a core: more at once would only make each slower."""


async def pdf(template: str, data: Any, at: datetime) -> bytes:
    """One document; `at` is the time it says it was made."""
    async with _AT_ONCE:
        return await asyncio.to_thread(_pdf, template, data, at)


async def png(template: str, data: Any, ppi: float) -> list[bytes]:
    """A picture per page."""
    async with _AT_ONCE:
        return await asyncio.to_thread(_png, template, data, ppi)


def _pdf(template: str, data: Any, at: datetime) -> bytes:
    made: bytes = typst.compile(
        template.encode(),
        format="pdf",
        timestamp=at.replace(microsecond=0),
        ignore_system_fonts=True,
        sys_inputs={"data": json.dumps(data)},
    )
    return made


def _png(template: str, data: Any, ppi: float) -> list[bytes]:
    made: bytes | list[bytes] = typst.compile(
        template.encode(),
        format="png",
        ppi=ppi,
        ignore_system_fonts=True,
        sys_inputs={"data": json.dumps(data)},
    )
    return made if isinstance(made, list) else [made]
