"""Whatever is done to accounts, their credentials, Shebas and people is in the chains."""

import json
from pathlib import Path
from typing import Any

import pytest

from services.gateway.audit import heads, service
from services.gateway.audit.domain import AUDITED, PROVINCE
from services.gateway.audit.signing import Checker, Signer
from services.gateway.dependencies import PERSON
from shared.consumer import Consumer, OwnReader, Runner
from shared.feed import FeedSignal
from tests.conftest import Api, Serve
from tests.services.gateway.bank import ADMIN, SECOND, manage, new_key, opened, public

pytestmark = pytest.mark.anyio

SHEBA = "IR820540102680020817909002"
KEY = {"label": "site", "scopes": ["parcels:read"]}
MAN = {"role": "finance", "name": "مسئول مالی", "email": None, "phone": "09123456789"}


async def done(api: Api, method: str, path: str, body: Any = None, **how: Any) -> Any:
    answer = await manage(api, method, path, body, **how)
    assert answer.is_success, answer.text
    return answer.json() if answer.content else None


async def follow(api: Api) -> None:
    """What the worker does with the gateway's own feed."""
    await api.publish()
    handle = service.following("gateway", Signer.of(api.keys))
    what = Consumer("gateway.audit.gateway", AUDITED["gateway"], handle)
    reader = OwnReader(api.database, FeedSignal(api.database.dsn), "gateway")
    runner = Runner(what, api.database, reader)
    while await runner.step():
        pass


async def test_of_an_account_all_in_its_own_chain(serve: Serve, tmp_path: Path) -> None:
    api = await serve("gateway")
    account = await opened(api)
    path = f"/{account}"
    await done(api, "PATCH", path, {"quotas": {"reads": 60}})
    await done(api, "PUT", f"{path}/contacts", {"contacts": [MAN]})
    key = await done(api, "POST", f"{path}/keys", KEY)
    new = await done(api, "POST", f"{path}/keys/{key['id']}/rotate", {})
    await done(api, "PUT", f"{path}/keys/{new['id']}/networks", {"allowed_networks": []})
    client = {**KEY, "public_keys": [public(new_key())]}
    signs = await done(api, "POST", f"{path}/clients", client)
    await done(api, "PUT", f"{path}/clients/{signs['id']}", {"public_keys": [public(new_key())]})
    await done(api, "DELETE", f"{path}/keys/{new['id']}")
    wanted = {"sheba": SHEBA, "holder_name": "فروشگاه آزمون", "reason": "نامهٔ ۱۲"}
    change = await done(api, "POST", f"{path}/sheba-changes", wanted, bound=True)
    steps = f"{path}/sheba-changes/{change['id']}"
    await done(api, "POST", f"{steps}/approve", by=SECOND, bound=True)
    await done(api, "POST", f"{steps}/reject", {"reason": "تلفن جواب نداد"})
    for step in ("suspend", "reopen", "close"):
        await done(api, "POST", f"{path}/{step}")
    await follow(api)
    reader = api.headers("audit:read", kind="staff")
    url = f"/v1/audit/chains/{account}/entries?limit=100"
    entries = (await api.client.get(url, headers=reader)).json()["items"]
    assert [entry["type"] for entry in entries] == [
        "partner.opened",
        "partner.changed",
        "partner.changed",
        "credential.issued",
        "credential.issued",
        "credential.rotated",
        "credential.changed",
        "credential.issued",
        "credential.changed",
        "credential.revoked",
        "sheba_change.proposed",
        "sheba_change.approved",
        "sheba_change.rejected",
        "partner.suspended",
        "partner.reopened",
        "partner.closed",
    ]
    assert {entry["data"]["by"] for entry in entries} == {ADMIN, SECOND}
    written = json.dumps(entries, ensure_ascii=False)
    secrets = (key["key"], new["key"], SHEBA, MAN["name"], "9123456789", wanted["holder_name"])
    assert not [secret for secret in secrets if str(secret) in written]
    found = await service.recount(api.database, Checker.of(api.keys), heads.read(tmp_path / "no"))
    assert (found.faults, found.chains, found.entries) == ([], 1, len(entries))


async def test_people_are_in_the_provinces(serve: Serve) -> None:
    api = await serve("gateway")
    staff = api.headers("staff:write", kind="staff")
    body = {"login": "somebody", "name": "کسی", "role": "auditor"}
    made = (await api.client.post("/v1/staff", json=body, headers=staff)).json()
    await follow(api)
    reader = api.headers("audit:read", kind="staff")
    url = "/v1/audit/chains/{}/entries"
    of_people = await api.client.get(url.format(PROVINCE), headers=reader)
    assert [entry["type"] for entry in of_people.json()["items"]] == ["staff_member.created"]
    of_account = (await api.client.get(url.format(made["id"]), headers=reader)).json()["items"]
    assert [(e["type"], e["data"]["by"]) for e in of_account] == [("partner.opened", ADMIN)]


async def test_where_a_partner_is_told_is_in_its_chain(serve: Serve) -> None:
    """By its person where one signed in; the address's path may be a secret, and is not there."""
    api = await serve("gateway")
    shop = api.headers("webhooks:write")
    new = {"url": "https://shop.example/hooks/geheim", "events": ["parcel.*"]}
    made = (await api.client.post("/v1/webhooks", json=new, headers=shop)).json()
    at = f"/v1/webhooks/{made['id']}"
    person = {**shop, PERSON: SECOND}
    for _ in range(2):  # the second changes nothing
        await api.client.patch(at, json={"events": ["claim.*"]}, headers=person)
    rotated = await api.client.post(f"{at}/rotate", json={}, headers=shop)
    assert rotated.status_code == 200, rotated.text
    for _ in range(2):
        assert (await api.client.delete(at, headers=shop)).status_code == 204
    await follow(api)
    reader = api.headers("audit:read", kind="staff")
    entries = await api.client.get(f"/v1/audit/chains/{ADMIN}/entries", headers=reader)
    told = [(one["type"], one["data"]["by"]) for one in entries.json()["items"]]
    assert told == [
        ("webhook_endpoint.registered", ADMIN),
        ("webhook_endpoint.changed", SECOND),
        ("webhook_endpoint.rotated", ADMIN),
        ("webhook_endpoint.disabled", ADMIN),
    ]
    assert '"host":"shop.example"' in entries.text
    secrets = (made["secret"], rotated.json()["secret"], "geheim")
    assert not [secret for secret in secrets if secret in entries.text]
