"""The working group's pages over ASGI: from the plan of a meeting to its minutes."""

import re
from typing import Any

import pytest

from tests.factories.licensing import application
from tests.services.gateway.portal_desk.conftest import Province, fields_of, seen

pytestmark = pytest.mark.anyio
GROUP = "/v1/working-group"
WRITE, READ, DECIDE = "licensing:write", "licensing:read", "licensing:decide"


async def ready(province: Province) -> str:
    """An application that waits for a decision, with two members seated."""
    for seat in ("governor", "regulator"):
        body = {"seat": seat, "name": f"عضو {seat}", "valid_from": "2010-01-01"}
        await province.ask("POST", f"{GROUP}/members", body, WRITE)
    made = await province.ask("POST", "/v1/applications", application(), WRITE)
    path = f"/v1/applications/{made['id']}/steps"
    step = {"version": made["version"], "transition": "complete", "text": "بررسی شد"}
    done = await province.ask("POST", path, step, WRITE)
    visit: dict[str, Any] = {"transition": "visit", "text": "بازدید شد", "visited_on": "2019-03-20"}
    visit |= {"favourable": True, "version": done["application"]["version"]}
    await province.ask("POST", path, visit, WRITE)
    return str(made["id"])


async def test_from_the_plan_to_the_minutes(province: Province) -> None:
    subject = await ready(province)
    secretary = await province.browse("secretary")
    member = await province.browse("working_group_member")

    bad = {"day": "۱۳۹۸/۱۳/۴۰", "time": "۹:۳۰", "place": "استانداری"}
    seen(await secretary.post("/portal/meetings", data=bad), "استانداری", status=422)
    page = seen(
        await secretary.post("/portal/meetings", data={**bad, "day": "۱۳۹۸/۰۱/۰۵"}),
        "۵ فروردین ۱۳۹۸",
        "۰۹:۳۰",
    )
    at = re.findall(r'action="(/portal/meetings/[0-9a-f-]{36})/open"', page)[0]
    agenda = f"/portal/meetings/applications/{subject}/agenda"
    page = seen(await secretary.post(agenda, data=fields_of(page, agenda)), "موافقت اصولی")
    item = re.findall(rf'href="({at}/items/[0-9a-f-]{{36}})"', page)[0]
    page = seen(await secretary.post(f"{at}/open"), "ثبت حضور")
    for seat in ("governor", "regulator"):
        sent = {"seat": seat, "present": "yes"}
        page = seen(await secretary.post(f"{at}/attend", data=sent), f"عضو {seat}")

    page = seen(await member.get(item), "اشباع", "پوشش", "مردم تازه در", "data-latitude")
    seen(await member.get(f"{item}?lang=en"), "Saturation", "Per 10,000 people", "For")
    await member.get(f"{item}?lang=fa")
    for seat in ("governor", "regulator"):
        vote = fields_of(page, f"{item}/vote") | {"seat": seat, "choice": "for"}
        page = seen(await member.post(f"{item}/vote", data=vote), "موافق")
    page = seen(await member.post(f"{item}/decide"), "تصویب شد", "موافق ۲")
    decide = f"/portal/meetings/applications/{subject}/decide"
    sent = fields_of(page, decide) | {"text": "بر پایهٔ رأی کارگروه"}
    seen(await member.post(decide, data=sent), "موافقت‌شده", "بر پایهٔ رأی کارگروه")

    seen(await member.post(f"{at}/close"), "اجازه", status=403)
    seen(await secretary.post(f"{at}/close"), "متن صورت‌جلسه")
    page = seen(await secretary.post(f"{at}/minutes", data={"text": "نشست برگزار شد."}), "SHA-256")
    seen(await member.get(f"{at}/minutes"), "نشست برگزار شد.")
    seen(await member.get("/portal/meetings"), "پایان‌یافته")
    seen(await member.get("/portal/meetings/applications"), "پیشخوان")
    seen(await member.get(f"/portal/meetings/applications/{subject}"), "اشباع")
    seen(await member.get(f"{at}/items/{subject}"), status=404)
