"""`susa keys rotate`: published, awaited, adopted. Other machines share the folder of keys."""

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

from shared import keys

STOLEN_OVERLAP_S: Final = 5.0
"""Enough for every process to sign with the new key before the old one ends."""


def rotate(
    folder: Path,
    services: Sequence[str],
    *,
    at_once: bool,
    wait: Callable[[float], None] = time.sleep,
) -> dict[str, Any]:
    """New keys for these services; between the two steps every process learns of them."""
    overlap_s = STOLEN_OVERLAP_S if at_once else keys.OVERLAP_S
    with keys.alone(folder):
        made = {service: keys.announce(folder, service) for service in services}
        wait(keys.SETTLE_S)
        for service in services:
            keys.adopt(folder, service, overlap_s=overlap_s)
    return {"keys": made, "overlap_s": overlap_s}
