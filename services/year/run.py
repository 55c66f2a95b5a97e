"""`susa year`: plan it, send it, wait for the roll-ups, compare the report with the notice."""

import json
import time
from dataclasses import asdict, dataclass, field
from typing import Any, TypedDict

from rich.console import Console

from services.year.cash import Cash, CashKeys, Settled
from services.year.client import Api, Retry, open_session
from services.year.compensation import Compensation, CompensationKeys, Paid
from services.year.days import Month
from services.year.figures import ITEMS, half, total, whole
from services.year.login import ClientKey, key_of
from services.year.network import Network, network
from services.year.opinions import Opinions
from services.year.performed import Performed
from services.year.plan import Plan
from services.year.progress import Bar
from services.year.registrar import Registered, Registrar, offered
from services.year.send import Keys, Sender, Tally
from services.year.staff import staff
from services.year.table import (
    Expected,
    Row,
    as_table,
    besides,
    cash_row,
    caught_up,
    compare,
    compensation_row,
    readings,
    reports,
    satisfaction_rows,
    shares,
)
from services.year.watch import Behind, Lag, watching

OFFICES_PER_PAGE = 100


class Credentials(TypedDict):
    """Shops: parcels:book, parcels:read, backfill. Clerks: those and scans:write.

    The manager: reports:read and backfill; the registrar: workforce:write, services:record and
    backfill; the cashier: accounts:write, cash:count and backfill; the bank: payments:execute and
    backfill; the officer: complaints:read, complaints:answer and backfill; the decider:
    claims:decide and backfill; the surveyor: surveys:write, surveys:send and backfill. The cashier
    and the bank sign, for an API key may neither name a bank account nor answer a payment order.
    Resuming needs the same credentials in the same order.
    """

    shops: list[str]
    clerks: list[str]
    manager: str
    registrar: str
    cashier: str | ClientKey
    bank: str | ClientKey
    officer: str
    decider: str
    surveyor: str


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
    registered: Registered
    settled: Settled
    compensated: Paid
    opinions: int
    """Answers of this run to surveys."""
    seconds: float
    """Until all was sent."""
    seconds_after: float
    """From then until the roll-ups had all of it, and cash and compensation were paid out."""
    worst_lag: Lag | None
    """None where the consumers cannot be looked at: another machine's."""
    lag_at_end: Lag | None
    retries: int
    caught_up: bool
    """False: the table was read before the roll-ups had all that was sent."""
    rows: list[Row]
    readings: list[str]

    @property
    def full_year_hours(self) -> float | None:
        """What 35 million items would take at the rate of what this run sent, all consumed."""
        seconds = self.seconds + self.seconds_after
        sent = self.tally.parcels_booked
        return ITEMS / sent * seconds / 3600 if sent else None

    def as_json(self) -> str:
        rows = [asdict(row) | {"difference": row.difference} for row in self.rows]
        told = asdict(self) | {"rows": rows, "full_year_hours": self.full_year_hours}
        return json.dumps(told, ensure_ascii=False, indent=2)

    def show(self, console: Console) -> None:
        tally = self.tally
        console.print(
            f"{tally.parcels_booked:,} parcels booked and {tally.scans_recorded:,} scans recorded "
            f"in {self.seconds:.0f} s; {tally.months_passed_over} months were there already."
        )
        self._show_speed(console)
        registered = self.registered
        console.print(
            f"{registered.people:,} people were entered and {registered.services_recorded:,} "
            "delegated services recorded."
        )
        console.print(f"{self.opinions:,} recipients said what they think.")
        if registered.services_flagged:
            console.print(
                f"{registered.services_flagged:,} services were flagged, and none should be."
            )
        if tally.scans_flagged:
            console.print(f"{tally.scans_flagged:,} scans were flagged, and none should be.")
        console.print(as_table(self.rows, self.options.year, self.options.scale))
        for reading in self.readings:
            console.print(f"- {reading}", highlight=False)
        if not self.caught_up:
            console.print("The roll-ups had not caught up: run it again for the table.")

    def _show_speed(self, console: Console) -> None:
        tally, hours = self.tally, self.full_year_hours
        if hours is not None:
            console.print(
                f"{tally.parcels_booked / self.seconds:,.0f} parcels/s, "
                f"{tally.scans_recorded / self.seconds:,.0f} scans/s; the services had all of it "
                f"{self.seconds_after:.0f} s later. {ITEMS:,} items, all scanned, would take "
                f"{hours:.1f} h at this rate."
            )
        if self.worst_lag is not None and self.lag_at_end is not None:
            console.print(
                f"Consumers were at most {self.worst_lag.events:,} events behind "
                f"({self.worst_lag.consumer}), at the end {self.lag_at_end.events:,}."
            )


async def run(
    base_url: str, credentials: Credentials, options: Options, behind: Behind | None = None
) -> Summary:
    """Raises ApiError when the API refuses something or stays away; running again goes on."""
    started = time.monotonic()
    keys = Keys(
        credentials["shops"],
        credentials["clerks"],
        credentials["manager"],
        credentials["registrar"],
        key_of(credentials["cashier"]),
        key_of(credentials["bank"]),
        credentials["officer"],
        credentials["decider"],
        credentials["surveyor"],
    )
    async with open_session(options.lanes * 2) as session:
        api = Api(session, base_url.rstrip("/"), options.retry)
        plan = Plan(await _network(api), options.seed, options.scale, options.year)
        months = plan.months(Month.parse(options.first), Month.parse(options.last))
        performed = Performed(plan, await offered(api, plan.network, Month(plan.year - 1, 1)))
        registrar = Registrar(api, keys.registrar)
        await registrar.hire(staff(plan.network, plan.year))
        since = Month(plan.year - 1, 1).first_day()
        opinions = Opinions(api, keys.surveyor, keys.manager, plan.year, plan.seed)
        cash = Cash(api, plan.network, CashKeys(keys.cashier, keys.bank, keys.shops), since)
        paying = CompensationKeys(keys.officer, keys.decider, keys.bank, keys.manager)
        compensation = Compensation(api, paying, plan.year, plan.scale)
        with Bar(total(plan.counts, months), options.quiet) as bar:
            await opinions.ask(since, options.scale)
            async with watching(behind, bar) as watch:
                sender = Sender(
                    *(api, plan, performed, registrar, cash, compensation, keys, bar),
                    options.lanes,
                    watch.hold,
                )
                tally = await sender.send(months)
                seconds = time.monotonic() - started
                expected = _expected(sender, months)
                complete = await caught_up(api, keys.manager, expected, options.wait_seconds)
                settled = await cash.finish(months[-1], options.wait_seconds)
                barcodes = await sender.barcodes_of(compensation.samples)
                compensated = await compensation.finish(barcodes, options.wait_seconds)
                complete &= await opinions.finish(sender.deliveries, options.wait_seconds)
                after = time.monotonic() - started - seconds
        year, half_after = await reports(api, keys.manager, options.year)
        rows = [
            *compare(year, half_after, options.scale),
            *await besides(api, keys.manager, options.year),
            cash_row(settled),
            compensation_row(compensated, options.scale),
            *await satisfaction_rows(api, keys.manager, options.year),
        ]
    return Summary(
        options,
        tally,
        registrar.done,
        settled,
        compensated,
        opinions.given,
        seconds,
        after,
        watch.worst,
        watch.last,
        api.retries,
        complete,
        rows,
        [*readings(options.year), *shares(year)],
    )


async def _network(api: Api) -> Network:
    towns: dict[str, Any] = await api.get("/v1/towns")
    offices = await api.pages("/v1/offices", OFFICES_PER_PAGE)
    return network(towns["items"], offices)


def _expected(sender: Sender, months: list[Month]) -> list[Expected]:
    """What was sent of each period that the table needs."""
    plan = sender.plan
    sent = {month: plan.counts[month] for month in months}
    found: list[Expected] = []
    for period, of_period in (
        (str(plan.year - 1), whole(plan.year - 1)),
        (str(plan.year), whole(plan.year)),
        (f"{plan.year + 1}-H1", half(plan.year + 1)),
    ):
        tasks = sum(sender.tasks.get(month, 0) for month in of_period)
        performed = sender.performed.count(month for month in of_period if month in sent)
        found += [
            Expected("volumes", period, total(sent, of_period)),
            Expected("tasks", period, tasks),
            Expected("services", period, performed),
        ]
    return found
