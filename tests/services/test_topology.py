"""What processes hold together."""

import httpx
import pytest

from services import topology
from shared.consumer import Reader, Readers
from tests.conftest import Serve

pytestmark = pytest.mark.anyio


async def test_services_of_one_process_read_a_feed_together(serve: Serve) -> None:
    """Each page of parcels' feed is parsed once, for whoever has a type in common."""
    readers: Readers = {}
    found: set[Reader] = set()
    alone = 0
    async with httpx.AsyncClient() as client:
        for service in ("complaints", "gateway"):
            clients = dict.fromkeys(("offices", "parcels", "complaints"), client)
            api = await serve(service, clients=clients)
            runtime = api.app.state.runtime
            alone += len({id(one._reader) for one in topology.jobs_of(runtime).runners})
            runtime.readers = readers
            found |= {one._reader for one in topology.jobs_of(runtime).runners}
    assert len(found) < alone
    assert len(readers["parcels", "live"]) < alone
