"""The audit's chains in the database: filled from feeds, read by API, tampering is found."""

import uuid
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from services.gateway.audit import heads, service
from services.gateway.audit.domain import PROVINCE
from services.gateway.audit.jobs import checkpoint, copy_out
from services.gateway.audit.signing import Checker, Signer
from services.gateway.staff.events import StaffState, tell
from services.rotation import rotate
from shared.auth import JWKS, ensure_keys, read_public, read_set, write_set
from shared.consumer import Consumer, OwnReader, Runner
from shared.feed import FeedSignal
from tests.conftest import START, Api, Serve

pytestmark = pytest.mark.anyio
ONE, OTHER = str(uuid.UUID(int=1)), str(uuid.UUID(int=2))


class Auditor:
    """What the worker and `susa audit chain` do."""

    def __init__(self, api: Api, file: Path) -> None:
        self.api, self.file = api, file
        self.signer = Signer.of(api.keys)
        self.handle = service.following("parcels", self.signer)

    async def hear(self, *partners: str | None, n: int = 1) -> list[dict[str, Any]]:
        """Events of parcels, in one page."""
        events = [
            {
                "id": str(uuid.uuid4()),
                "type": "payee.registered",
                "time": "2019-03-21T08:00:00Z",
                "subject": "x",
                "data": {"payee": {"partner": partner, "n": number}},
            }
            for number in range(n)
            for partner in partners
        ]
        await self.handle_all(events)
        return events

    async def handle_all(self, events: list[dict[str, Any]]) -> None:
        async with self.api.database.transaction() as session:
            await self.handle(session, events)

    async def note(self, *, to_file: bool = True) -> None:
        await checkpoint(self.api.database, self.signer, self.api.clock)
        if to_file:
            await copy_out(self.api.database, self.file, None)

    async def wrong(self) -> list[str]:
        found = await service.recount(
            self.api.database, Checker.of(self.api.keys), heads.read(self.file)
        )
        told = found.as_dict()
        assert told["clean"] == (not told["wrong"])
        return [f"{fault['chain']} {fault['seq']}: {fault['what']}" for fault in told["wrong"]]

    async def tamper(self, sql: str, *values: Any) -> None:
        """As one who got hold of the owner's role."""
        connection = await asyncpg.connect(self.api.target.owner_dsn)
        try:
            await connection.execute(sql, *values)
        finally:
            await connection.close()


@pytest.fixture
async def auditor(serve: Serve, tmp_path: Path) -> Auditor:
    return Auditor(await serve("gateway"), tmp_path / "heads.jsonl")


class TestTampering:
    async def test_each_kind_is_found_and_mending_it_clears(self, auditor: Auditor) -> None:
        await auditor.hear(ONE, OTHER, n=4)
        await auditor.note()
        await auditor.hear(ONE, None, n=3)
        await auditor.note()
        await auditor.hear(ONE)  # beyond the last checkpoint
        assert await auditor.wrong() == []
        on = "WHERE chain = $1"
        for sql, there, back in (
            (
                f"UPDATE audit_entry SET data = replace(data, '2', '3') {on} AND seq = 3",
                "3: it is not what was written",
                f"UPDATE audit_entry SET data = replace(data, '3', '2') {on} AND seq = 3",
            ),
            (
                f"UPDATE audit_entry SET subject = 'y' {on} AND seq = 8",
                "8: it is not what was written",
                f"UPDATE audit_entry SET subject = 'x' {on} AND seq = 8",
            ),
            (
                f"UPDATE audit_entry SET seq = 100 - seq {on} AND seq IN (2, 98)",
                "3: it follows entry 1",
                f"UPDATE audit_entry SET seq = 100 - seq {on} AND seq IN (2, 98)",
            ),
            (
                f"UPDATE audit_entry SET chain = '{PROVINCE}-' {on} AND seq = 8",
                "8: the head is at 8, the last entry at 7",
                f"UPDATE audit_entry SET chain = $1 WHERE chain = '{PROVINCE}-'",
            ),
            (
                f"UPDATE audit_head SET signature = 'x' || signature {on}",
                "8: the chain has no head with our signature",
                f"UPDATE audit_head SET signature = substr(signature, 2) {on}",
            ),
            (
                f"UPDATE audit_head SET seq = 0 {on}",
                "8: the chain has no head with our signature",
                f"UPDATE audit_head SET seq = 8 {on}",
            ),
        ):
            await auditor.tamper(sql, ONE)
            wrong = await auditor.wrong()
            assert any(line.startswith(f"{ONE} {there}") for line in wrong), (sql, wrong)
            assert not any(line.startswith(OTHER) for line in wrong)
            await auditor.tamper(back, ONE)
            assert await auditor.wrong() == [], back

    async def test_a_cut_tail_with_an_old_head(self, auditor: Auditor) -> None:
        await auditor.hear(ONE, n=2)
        old = await auditor.api.database.hot.fetchrow("SELECT * FROM audit_head")
        await auditor.hear(ONE, n=2)
        await auditor.note()
        await auditor.tamper("DELETE FROM audit_entry WHERE seq > 2")
        assert len(await auditor.wrong()) == 2
        await auditor.tamper(
            "UPDATE audit_head SET seq = $1, hash = $2, signature = $3",
            old["seq"],
            old["hash"],
            old["signature"],
        )
        assert await auditor.wrong() == [f"{ONE} 4: a checkpoint saw this entry; the last is 2"]
        await auditor.tamper("DELETE FROM audit_checkpoint")
        assert await auditor.wrong() == [
            "checkpoints 1: the file has this checkpoint, the database has not",
            f"{ONE} 4: a checkpoint saw this entry; the last is 2",
        ]
        await auditor.tamper("TRUNCATE audit_entry, audit_head")
        assert len(await auditor.wrong()) == 3

    async def test_a_checkpoint_signed_by_another(self, auditor: Auditor) -> None:
        await auditor.hear(ONE)
        await auditor.note(to_file=False)
        text = auditor.file
        await copy_out(auditor.api.database, text, None)
        line = text.read_text()
        text.write_text(line.replace('"signature": "', '"signature": "x'))
        assert await auditor.wrong() == ["checkpoints 1: its signature is not ours"]
        text.write_text("not ours\n")
        with pytest.raises(heads.UnreadableError):
            await auditor.wrong()

    async def test_what_a_rotated_key_signed_is_still_ours(
        self, auditor: Auditor, tmp_path: Path
    ) -> None:
        folder = tmp_path / "keys"
        ensure_keys(folder)
        auditor.signer = Signer.of(folder)
        auditor.handle = service.following("parcels", auditor.signer)
        for chains in ((ONE, OTHER), (ONE,), (OTHER,)):
            await auditor.hear(*chains)
            await auditor.note()
            rotate(folder, ("gateway", "parcels"), at_once=False, wait=lambda _: None)
            # and it is a key for no token any more
            write_set(folder, [key for key in read_set(folder) if "exp" not in key])
        found = await service.recount(
            auditor.api.database, Checker.of(folder), heads.read(auditor.file)
        )
        assert (found.checkpoints, found.faults) == (3, [])
        assert len(read_public(folder / JWKS).keys) == 4
        others = await service.recount(auditor.api.database, Checker.of(auditor.api.keys), [])
        assert len(others.faults) == 5  # two heads, three checkpoints: not of this installation

    async def test_the_app_may_not_rewrite(self, auditor: Auditor) -> None:
        await auditor.hear(ONE)
        for sql in (
            "UPDATE audit_entry SET data = ''",
            "DELETE FROM audit_entry",
            "UPDATE audit_checkpoint SET heads = ''",
            "DELETE FROM audit_checkpoint",
            "DELETE FROM audit_head",
            "TRUNCATE audit_entry",
        ):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await auditor.api.database.hot.execute(sql)


class TestFilling:
    async def test_what_came_before_is_not_written_twice(self, auditor: Auditor) -> None:
        """As after a restored feed was read again from its beginning."""
        events = await auditor.hear(ONE, OTHER, n=2)
        fresh = [{**events[0], "id": str(uuid.uuid4())}]
        await auditor.handle_all([*events, *fresh])
        count = await auditor.api.database.hot.fetchval("SELECT count(*) FROM audit_entry")
        assert count == 5
        assert await auditor.wrong() == []

    async def test_the_file_is_taken_up_where_it_ends(self, auditor: Auditor) -> None:
        for _ in range(3):
            await auditor.hear(ONE)
            await auditor.note(to_file=False)
        assert await copy_out(auditor.api.database, auditor.file, None) == 3
        await auditor.hear(ONE)
        await auditor.note()
        await auditor.note()  # nothing moved
        assert [mark.number for mark, _ in heads.read(auditor.file)] == [1, 2, 3, 4]
        assert await auditor.wrong() == []

    async def test_from_the_gateways_own_feed_and_read_by_api(self, auditor: Auditor) -> None:
        api = auditor.api
        async with api.database.transaction() as session:
            for n in range(3):
                state = StaffState(account=uuid.UUID(int=n), role="clerk", office=None, by=ONE)
                await tell(session, "staff_member.created", state, START)
        await api.publish()
        signal = FeedSignal(api.database.dsn)
        reader = OwnReader(api.database, signal, "gateway")
        handle = service.following("gateway", auditor.signer)
        what = Consumer("gateway.audit.gateway", ("staff_member.created",), handle)
        runner = Runner(what, api.database, reader)
        assert (await runner.step(), await runner.step(), runner.position) == (3, 0, 3)
        kept = await api.database.hot.fetchrow("SELECT name, position FROM feed_consumer")
        assert tuple(kept) == ("gateway.audit.gateway", 3)
        await auditor.hear(ONE)
        headers = api.headers("audit:read", kind="staff")
        chains = (await api.client.get("/v1/audit/chains", headers=headers)).json()["items"]
        assert [(one["chain"], one["seq"]) for one in chains] == [(ONE, 1), (PROVINCE, 3)]
        path = f"/v1/audit/chains/{PROVINCE}/entries"
        seen: list[dict[str, Any]] = []
        query = "?limit=2"
        while query:
            page = (await api.client.get(path + query, headers=headers)).json()
            seen += page["items"]
            query = f"?limit=2&cursor={page['next']}" if page["next"] else ""
        assert [(e["seq"], e["source"], e["data"]["staff_member"]["by"]) for e in seen] == [
            (n, "gateway", ONE) for n in (1, 2, 3)
        ]
        assert [e["prev"] for e in seen[1:]] == [e["hash"] for e in seen[:-1]]
        none = await api.client.get(f"{path}?type=staff_member.locked", headers=headers)
        assert none.json() == {"items": [], "next": None}
        absent = f"/v1/audit/chains/{uuid.UUID(int=9)}/entries"
        assert (await api.client.get(absent, headers=headers)).status_code == 404
        other = api.headers("parcels:read")
        for closed in ("/v1/audit/chains", path, absent):
            assert (await api.client.get(closed)).status_code == 401
            assert (await api.client.get(closed, headers=other)).status_code == 403
        assert await auditor.wrong() == []
