"""The seeded province and the synthetic year: what `--demo`, `seed` and `year` load."""

import asyncio
import json
import os
from dataclasses import asdict

import asyncpg
from rich.console import Console

from services import accounts, installation
from services.errors import CommandError
from services.installation import Home
from services.offices.config import Settings as OfficesSettings
from services.offices.contracts import seeding as papers
from services.offices.registry import seeding
from services.parcels.config import Settings as ParcelsSettings
from services.parcels.network.service import REFRESH_S as DIRECTORY_REFRESH_S
from services.parcels.transport import seeding as lines
from services.year.run import Options, Summary
from services.year.run import run as run_year
from services.year.table import Row, as_table
from shared.auth import World
from shared.runtime import running


async def run(console: Console, place: Home, url: str, scale: int) -> None:
    """The main job on real input: seeded province, the year, its table, and what to try."""
    result = await seed()
    await seed("test")  # partners try themselves out at the same offices
    console.print(f"seeded {result['towns']} towns and {result['offices']} offices")
    await _until_parcels_knows_the_offices()
    options = year_options(("1396-01", "1398-06"), scale, 1, quiet=False)
    marker = place.path / f"year-{options.seed}-{options.scale}.json"
    if marker.exists():
        console.print(f"the year at 1:{scale} is loaded already ({marker.name})", highlight=False)
        known = json.loads(marker.read_text())["rows"]
        rows = [Row(**{k: v for k, v in row.items() if k != "difference"}) for row in known]
        Console().print(as_table(rows, options.year, scale))
    else:
        summary = await year(url, options)
        summary.show(Console())
        if summary.caught_up:
            installation.write_private(marker, summary.as_json())
    credentials = await accounts.year_credentials(place)
    Console(soft_wrap=True).print(
        _invitation(url, credentials["shops"][0]), highlight=False, markup=False
    )


async def _until_parcels_knows_the_offices() -> None:
    """A booking names an office, and parcels learns of new ones by the feed."""
    for _ in range(600):
        if await _offices_followed():
            await asyncio.sleep(2 * DIRECTORY_REFRESH_S)
            return
        await asyncio.sleep(0.2)
    raise CommandError("parcels does not follow the offices; the lines above say why")


async def _offices_followed() -> bool:
    """Whether parcels' consumer stands at the head of the offices' feed, with nothing unsent."""
    offices = await asyncpg.connect(os.environ["SUSA_OFFICES_DSN"], timeout=10)
    parcels = await asyncpg.connect(os.environ["SUSA_PARCELS_DSN"], timeout=10)
    try:
        unsent = await offices.fetchval("SELECT count(*) FROM outbox")
        head = await offices.fetchval("SELECT position FROM feed_head")
        at = await parcels.fetchval(
            "SELECT position FROM feed_cursor WHERE consumer = 'parcels.network'"
        )
    finally:
        await offices.close()
        await parcels.close()
    return bool(unsent == 0 and at == head)


def _invitation(url: str, key: str) -> str:
    """What to open, and three lines that work as printed."""
    order = (
        '{"product":"pishtaz","channel":"ecommerce","weight_g":450,"origin_office":"KZ00007",'
        '"sender":{"name":"فروشگاه کارون","phone":"06133334444","address":"اهواز، نادری"},'
        '"recipient":{"name":"مریم احمدی","phone":"09123456789","address":"دزفول، شریعتی",'
        '"province":"khuzestan","town":"dezful"}}'
    )
    quote = '{"product":"pishtaz","weight_g":450,"destination_province":"khuzestan"}'
    return f"""
Open {url}/docs

curl -s {url}/v1/quotes -H 'Content-Type: application/json' -d '{quote}'
BARCODE=$(curl -s {url}/v1/parcels -H 'Authorization: Bearer {key}' \
-H "Idempotency-Key: $(date +%s%N)" -H 'Content-Type: application/json' -d '{order}' \
| tee /dev/stderr | grep -o '"barcode":"[0-9]*"' | grep -o '[0-9]*')
curl -s {url}/v1/tracking/$BARCODE
"""


async def seed(world: World = "live") -> dict[str, int]:
    async with running("offices", OfficesSettings()) as runtime:
        planned = await seeding.seed(runtime, world)
        added = asdict(planned) | asdict(await papers.seed(runtime, world))
        centres = await seeding.sorting_centres(runtime, world)
    async with running("parcels", ParcelsSettings()) as runtime:
        return added | {"lines": await lines.seed(runtime, world, centres)}


def year_options(months: tuple[str, str], scale: int, seed_number: int, *, quiet: bool) -> Options:
    return Options(first=months[0], last=months[1], scale=scale, seed=seed_number, quiet=quiet)


async def year(url: str, options: Options) -> Summary:
    credentials = await accounts.year_credentials(installation.home())
    parcels = await asyncpg.connect(os.environ["SUSA_PARCELS_DSN"], timeout=10)
    try:
        return await run_year(url, credentials, options, lambda: _behind(parcels))
    except ValueError as error:
        raise CommandError(str(error)) from error
    finally:
        await parcels.close()


async def _behind(parcels: asyncpg.Connection) -> dict[str, int]:
    """Events of parcels that its own consumers have not consumed yet."""
    rows = await parcels.fetch(
        "SELECT c.consumer, h.position + (SELECT count(*) FROM outbox) - c.position AS behind"
        " FROM feed_head AS h JOIN feed_cursor AS c ON c.epoch = h.epoch"
    )
    return {row["consumer"]: row["behind"] for row in rows}
