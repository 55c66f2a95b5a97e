"""PDF of a Typst template and its data, Persian shaped right to left.

The font is Typst's own embedded DejaVu Sans Mono: the only one in the lock that has Persian
letters, so every installation prints the same. A prettier one is changed here alone.
"""

import asyncio
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

FONT: Final = "DejaVu Sans Mono"
_HEAD: Final = f"""
#set text(font: "{FONT}", lang: "fa", dir: rtl, size: 9pt)
#let data = json(bytes(sys.inputs.data))
#let code(it) = text(dir: ltr, lang: "en", it)
"""


async def compile(source: str, data: Mapping[str, Any], made_at: datetime) -> bytes:  # noqa: A001 - typst's own word
    """The PDF of `source`, which finds the data as `data` and isolates codes by `code()`.

    Text comes as data only, never into the markup: nothing in it is code. The same input gives the
    same bytes. In a thread, for it takes some ten milliseconds.
    """
    return await asyncio.to_thread(_compile, _HEAD + source, json.dumps(data), made_at)


def _compile(source: str, data: str, made_at: datetime) -> bytes:
    import typst  # noqa: PLC0415 - only a PDF pays for it

    pdf: bytes = typst.compile(
        source.encode(),
        format="pdf",
        ignore_system_fonts=True,
        sys_inputs={"data": data},
        timestamp=int(made_at.timestamp()),
    )
    return pdf
