"""Where the portal leads: one table, each line with whom it is for. Pure."""

from dataclasses import dataclass
from typing import Final

from shared.auth import Caller

STAFF: Final = "session:staff"
SET_UP: Final = frozenset({"session", STAFF})
"""All that a session may do before its second factor was set up."""


@dataclass(frozen=True, slots=True)
class Link:
    """`key`: its words are `portal.link.<key>` and `portal.about.<key>`. `needs`: all of them."""

    key: str
    path: str
    needs: frozenset[str] = frozenset()
    staff: bool = True

    def is_for(self, caller: Caller) -> bool:
        return self.needs <= caller.scopes and self.staff == (STAFF in caller.scopes)


LINKS: Final = (
    Link("counter", "/portal/counter", frozenset({"parcels:book"})),
    Link("sorting", "/portal/sorting", frozenset({"scans:write"})),
    Link("courier", "/portal/courier", frozenset({"delivery:write"})),
    Link("cases", "/portal/cases", frozenset({"complaints:read"})),
    Link("meetings", "/portal/meetings", frozenset({"licensing:read"})),
    Link("province", "/portal/province", frozenset({"reports:read"})),
    Link("partner", "/portal/partner", staff=False),
)


def links_of(caller: Caller) -> list[Link]:
    """Nothing for who has not signed in."""
    if caller.kind == "anonymous":
        return []
    return [link for link in LINKS if link.is_for(caller)]
