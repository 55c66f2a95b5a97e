"""How long Susa waits for itself: what is right for a quick machine, times SUSA_PATIENCE.

Each wait is a constant beside what waits. On a machine that others keep busy they would end work
that is only slow.
"""

import os
from typing import Final


def _factor() -> float:
    given = os.environ.get("SUSA_PATIENCE") or "1"
    try:
        factor = float(given)
    except ValueError:
        factor = 0.0
    if not 1 <= factor <= 100:
        raise SystemExit(f"SUSA_PATIENCE is {given!r}: it must be a number from 1 to 100")
    return factor


PATIENCE: Final = _factor()
