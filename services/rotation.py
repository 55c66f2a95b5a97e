"""`susa keys rotate`: published, awaited, adopted. Other machines share the folder of keys."""

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

from services.gateway.tokens.domain import BOUND_LIFETIME_S, LIFETIME_S
from shared import keys

STOLEN_OVERLAP_S: Final = 5.0
"""Enough for every process to sign with the new key before the old one ends."""
TOKENS_OVERLAP_S: Final = max(LIFETIME_S, BOUND_LIFETIME_S) + 60
"""The longest life of a partner's access token, and what clocks may differ."""
GATEWAY: Final = "gateway"
TOKENS: Final = "tokens"


def rotate(
    folder: Path,
    services: Sequence[str],
    *,
    at_once: bool,
    wait: Callable[[float], None] = time.sleep,
) -> dict[str, Any]:
    """New keys for these services; between the two steps every process learns of them.

    The gateway has two: its own, and that of the tokens which it gives to partners.
    """
    overlap_s = STOLEN_OVERLAP_S if at_once else keys.OVERLAP_S
    tokens_s = STOLEN_OVERLAP_S if at_once else TOKENS_OVERLAP_S
    with keys.alone(folder):
        made = {service: keys.announce(folder, service) for service in services}
        if GATEWAY in services:
            made[TOKENS] = keys.announce_oauth(folder)
        wait(keys.SETTLE_S)
        for service in services:
            keys.adopt(folder, service, overlap_s=overlap_s)
        if GATEWAY in services:
            keys.adopt_oauth(folder, overlap_s=tokens_s)
    return {"keys": made, "overlap_s": overlap_s, "tokens_overlap_s": tokens_s}
