"""What every table of the report is made with: who asks, of what period, and how cells look."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from services.gateway.portal_province.domain import Table, Writer
from services.gateway.web.asking import Answer
from services.gateway.web.pages import Page
from shared.calendar import Period, tehran_date

Query = Mapping[str, str]
Found = tuple[Answer, Table]
PAGE_ROWS: Final = 50


class Counted:
    """One table asked for: the page, its query, and a writer of cells."""

    def __init__(self, page: Page, query: Query) -> None:
        self.page = page
        self.query = query
        self.write = Writer(page.lang)

    @property
    def period(self) -> str:
        return self.query.get("period", "")

    def word(self, family: str, value: object) -> str:
        return self.page.t.name(family, value)

    def asked(self, *names: str) -> dict[str, str | None]:
        return {name: self.query.get(name) or None for name in names}

    async def ask(self, service: str, path: str, query: Mapping[str, Any]) -> Answer:
        return await self.page.ask("GET", service, path, query=query)

    async def page_of(self, service: str, path: str, *names: str) -> Answer:
        """A page of a list, by these parameters and the cursor."""
        query = self.asked(*names, "cursor") | {"limit": str(PAGE_ROWS)}
        return await self.ask(service, path, query)


def last_day(period: str, page: Page) -> str:
    """The period's last day, or today where that is earlier."""
    now: datetime = page.request.app.state.runtime.clock.now()
    today = tehran_date(now)
    try:
        return min(Period.parse(period).end - timedelta(days=1), today).isoformat()
    except ValueError:
        return today.isoformat()
