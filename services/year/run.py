"""`susa year`: plan it, send it, wait for the roll-ups, compare the report with the notice."""

import json
import time
from dataclasses import asdict, dataclass, field
from typing import Any, TypedDict

from rich.console import Console

from services.year.client import Api, Retry, open_session
from services.year.days import Month
from services.year.figures import half, total, whole
from services.year.network import Network, network
from services.year.plan import Plan
from services.year.progress import Bar
from services.year.send import Keys, Sender, Tally
from services.year.table import Row, as_table, caught_up, compare, readings, reports

OFFICES_PER_PAGE = 100


class Credentials(TypedDict):
    """API keys. Shops: parcels:book, parcels:read, backfill. Clerks: those and scans:write.

    The manager: reports:read and backfill. Resuming needs the same keys in the same order.
    """

    shops: list[str]
    clerks: list[str]
    manager: str


@dataclass(frozen=True, slots=True)
class Options:
    first: str = "1396-01"
    last: str = "1398-06"
    scale: int = 2000
    seed: int = 1
    year: int = 1397
    """The year that the notice is read as; the range lies within the year before to the half
    after it."""
    lanes: int = 4
    """Requests at a time."""
    wait_seconds: float = 120
    """How long to wait for the roll-ups."""
    quiet: bool = False
    retry: Retry = field(default_factory=Retry)


@dataclass(frozen=True, slots=True)
class Summary:
    options: Options
    tally: Tally
    seconds: float
    retries: int
    caught_up: bool
    """False: the table was read before the roll-ups had all that was sent."""
    rows: list[Row]
    readings: list[str]

    def as_json(self) -> str:
        rows = [asdict(row) | {"difference": row.difference} for row in self.rows]
        return json.dumps(asdict(self) | {"rows": rows}, ensure_ascii=False, indent=2)

    def show(self, console: Console) -> None:
        tally = self.tally
        console.print(
            f"{tally.parcels_booked:,} parcels booked and {tally.scans_recorded:,} scans recorded "
            f"in {self.seconds:.0f} s; {tally.months_passed_over} months were there already."
        )
        if tally.scans_flagged:
            console.print(f"{tally.scans_flagged:,} scans were flagged, and none should be.")
        console.print(as_table(self.rows, self.options.year, self.options.scale))
        for reading in self.readings:
            console.print(f"- {reading}", highlight=False)
        if not self.caught_up:
            console.print("The roll-ups had not caught up: run it again for the table.")


async def run(base_url: str, credentials: Credentials, options: Options) -> Summary:
    """Raises ApiError when the API refuses something or stays away; running again goes on."""
    started = time.monotonic()
    keys = Keys(credentials["shops"], credentials["clerks"], credentials["manager"])
    async with open_session(options.lanes * 2) as session:
        api = Api(session, base_url.rstrip("/"), options.retry)
        plan = Plan(await _network(api), options.seed, options.scale, options.year)
        months = plan.months(Month.parse(options.first), Month.parse(options.last))
        with Bar(total(plan.counts, months), options.quiet) as bar:
            tally = await Sender(api, plan, keys, bar, options.lanes).send(months)
        seconds = time.monotonic() - started
        expected = _expected(plan, months, options.year)
        complete = await caught_up(api, keys.manager, expected, options.wait_seconds)
        year, after = await reports(api, keys.manager, options.year)
    rows = compare(year, after, options.scale)
    return Summary(options, tally, seconds, api.retries, complete, rows, readings(options.year))


async def _network(api: Api) -> Network:
    towns: dict[str, Any] = await api.get("/v1/towns")
    offices = await api.pages("/v1/offices", OFFICES_PER_PAGE)
    return network(towns["items"], offices)


def _expected(plan: Plan, months: list[Month], year: int) -> dict[str, int]:
    """Items sent in each period that the table needs."""
    sent = {month: plan.counts[month] for month in months}
    return {
        str(year - 1): total(sent, whole(year - 1)),
        str(year): total(sent, whole(year)),
        f"{year + 1}-H1": total(sent, half(year + 1)),
    }
