"""Licences, applications, meetings and contracts that exist, and what may be asked of them."""

import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import Any, Final

from tests.factories.contracts import contract
from tests.factories.licensing import LETTER, application, letter
from tests.factories.offices import office

SPARE_SEAT: Final = "spare"
FAR: Final = "2150-01-01"
SEEN: Final = {"text": "بررسی شد", "reference": None}

Ask = Callable[[str, str, Any], Any]


@dataclass
class Papers:
    """Path parameters by name, others by ends of operations, and bodies by whole operations."""

    paths: dict[str, str] = field(default_factory=dict)
    special: dict[str, dict[str, str]] = field(default_factory=dict)
    bodies: dict[str, Any] = field(default_factory=dict)

    def for_one(self, operation: str, paths: dict[str, str], body: Any = None) -> None:
        """A subject of its own for an operation, and a body that is right for it."""
        self.special[operation] = paths
        if body is not None:
            self.bodies[operation] = body


@dataclass
class Desk:
    """Where papers are asked for over HTTP: `ask` takes a method, a path and a body."""

    ask: Ask
    numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def office(self, kind: str) -> str:
        made: str = self.ask("POST", "/v1/offices", office(kind=kind))["code"]
        return made

    def row(self, kind: str) -> dict[str, Any]:
        """A licence from before the system, without an end, of a new office."""
        return {
            "number": f"E2E-{next(self.numbers)}",
            "office": self.office(kind),
            "kind": kind,
            "valid_from": "2015-03-21",
            "paper_reference": "پروانه کاغذی",
        }

    def licence(self, kind: str) -> str:
        answer = self.ask("POST", "/v1/licences/import", {"licences": [self.row(kind)]})
        made: str = answer["results"][0]["licence_id"]
        return made

    def application(self, kind: str, *steps: str) -> str:
        """One on its way, by clerks' steps and the regulator's agreement."""
        filed = self.ask("POST", "/v1/applications", application(kind=kind))
        for version, step in enumerate(steps, filed["version"]):
            where = "decisions" if step == "agree" else "steps"
            body = letter(step) if step == "agree" else {"transition": step, "text": "بررسی شد"}
            if step == "visit":
                body |= {"visited_on": "2019-03-20", "favourable": True}
            path = f"/v1/applications/{filed['id']}/{where}"
            self.ask("POST", path, {**body, "version": version})
        made: str = filed["id"]
        return made

    def inquiries(self, application_id: str) -> list[dict[str, Any]]:
        """Those of an application, as answered."""
        found: list[dict[str, Any]]
        found = self.ask("GET", f"/v1/applications/{application_id}", None)["inquiries"]
        return found

    def meeting(self, *present: str, opened: bool = True) -> str:
        body = {"scheduled_for": "2019-03-21T06:30:00Z", "place": "استانداری"}
        made: str = self.ask("POST", "/v1/working-group/meetings", body)["id"]
        path = f"/v1/working-group/meetings/{made}"
        if opened:
            self.ask("POST", f"{path}/open", None)
        for seat in present:
            self.ask("PUT", f"{path}/attendance/{seat}", {"present": True})
        return made

    def item(self, meeting: str) -> str:
        """Of a licence of its own, on a meeting's agenda."""
        path = f"/v1/licences/{self.licence('pishkhan')}/agenda"
        made: str = self.ask("POST", path, {"meeting": meeting, "matter": "warn"})["id"]
        return made

    def contract(self) -> str:
        body = contract(self.office("agency"), valid_from="2020-01-01", valid_until="2100-01-01")
        made: str = self.ask("POST", "/v1/contracts", body)["number"]
        return made


def make_papers(ask: Ask, code: str) -> Papers:
    """`code`: of an office that offers post.mail."""
    desk, papers = Desk(ask), Papers()
    _offices(desk, papers, code)
    _licences(desk, papers)
    _applications(desk, papers)
    _working_group(desk, papers)
    _meetings(desk, papers)
    _contracts(desk, papers)
    return papers


def _offices(desk: Desk, papers: Papers, code: str) -> None:
    day = "2030-03-21"
    closed = {"intervals": [], "reason": "آزمون"}
    path = "/v1/offices/{code}/exceptions/{day}"
    desk.ask("PUT", f"/v1/offices/{code}/exceptions/{day}", closed)
    papers.for_one(path, {"day": day})
    papers.bodies[f"PUT {path}"] = closed
    record = {
        "record_id": str(uuid.uuid4()),
        "office": code,
        "service": "post.mail",
        "day": "2019-03-21",
        "count": 1,
        "electronic": False,
    }
    papers.bodies["POST /v1/services/performed"] = {"records": [record]}
    papers.bodies["POST /v1/offices/import"] = f"code,name\n{code},دفتر آزمون\n"
    names = {"name": "انجمن دیگر", "name_en": "Another association"}
    papers.bodies["POST /v1/offices"] = office()
    papers.bodies["PATCH /v1/offices/{code}"] = {"name": "دفتر آزمون"}
    papers.bodies["PUT /v1/offices/{code}/area"] = {"ranges": [{"from": "11111"}]}
    transfer = {"owner": {"kind": "post"}, "on": "2100-01-01"}
    papers.bodies["POST /v1/offices/{code}/transfer"] = transfer
    papers.bodies["POST /v1/associations"] = {"level": "provincial", "province": "fars", **names}
    papers.bodies["POST /v1/workforce/certificates"] = {
        "personnel_number": "E2E1",
        "course": "e2e-course",
        "number": "E2E-2",
        "issued_on": "2019-02-01",
    }


def _licences(desk: Desk, papers: Papers) -> None:
    own = desk.licence("rural_ict")
    papers.paths["licence_id"] = own
    row = desk.row("rural_ict")
    papers.bodies["POST /v1/licences/import"] = {"licences": [row]}
    one = "/v1/licences/{licence_id}"
    papers.for_one(f"POST {one}/decisions", {"licence_id": own}, letter("warn"))
    papers.for_one(f"POST {one}/records", {"licence_id": own}, {"transition": "inspect", **SEEN})
    papers.for_one(
        f"POST {one}/agenda",
        {"licence_id": desk.licence("pishkhan")},
        {"meeting": desk.meeting(opened=False), "matter": "warn"},
    )


def _applications(desk: Desk, papers: Papers) -> None:
    one = "/v1/applications/{application_id}"
    papers.bodies["POST /v1/applications"] = application()
    papers.paths["application_id"] = desk.application("pishkhan")
    papers.for_one(
        f"POST {one}/steps",
        {"application_id": desk.application("pishkhan")},
        {"transition": "complete", "version": 1, **SEEN},
    )
    papers.for_one(
        f"POST {one}/decisions",
        {"application_id": desk.application("rural_ict", "complete", "visit")},
        {**letter("agree"), "version": 3},
    )
    papers.for_one(
        f"POST {one}/agenda",
        {"application_id": desk.application("pishkhan", "complete", "visit")},
        {"meeting": desk.meeting(opened=False), "matter": "agree"},
    )
    waiting = desk.application("rural_ict", "complete", "visit", "agree")
    first, second, *_ = desk.inquiries(waiting)
    answer = {"answer": "unfavourable", "reference": LETTER}
    desk.ask("POST", f"/v1/inquiries/{first['id']}/answer", answer)
    papers.for_one(f"POST {one}/inquiries", {"application_id": waiting}, {"kind": first["kind"]})
    papers.paths["inquiry_id"] = second["id"]


def _working_group(desk: Desk, papers: Papers) -> None:
    path = "/v1/working-group"
    for seat in (SPARE_SEAT, "leaving"):
        names = {"name": "نهاد آزمون", "name_en": "A body of these tests"}
        desk.ask("PUT", f"{path}/seats/{seat}", names)

    def take(seat: str) -> str:
        body = {"seat": seat, "name": f"عضو {seat}", "valid_from": "2010-01-01"}
        made: str = desk.ask("POST", f"{path}/members", body)["id"]
        return made

    for seat in ("governor", "regulator"):
        take(seat)
    leaving = {"member_id": take("leaving")}
    papers.for_one(f"POST {path}/members/{{member_id}}/leave", leaving, {"valid_until": FAR})
    papers.bodies[f"POST {path}/members"] = {
        "seat": SPARE_SEAT,
        "name": "عضو تازه",
        "valid_from": "2010-01-01",
    }
    papers.bodies[f"POST {path}/compositions"] = {
        "valid_from": FAR,
        "quorum": 1,
        "seats": [{"seat": "governor", "vote": True, "chair": True}],
        "paper_reference": "مصوبه آزمون",
    }
    compositions = desk.ask("GET", f"{path}/compositions", None)["items"]
    papers.paths["composition_id"] = compositions[0]["id"]


def _meetings(desk: Desk, papers: Papers) -> None:
    path = "/v1/working-group/meetings"
    sitting = desk.meeting("governor", "regulator")
    papers.paths |= {"meeting_id": sitting, "item_id": desk.item(sitting), "seat": "governor"}
    one = f"{path}/{{meeting_id}}"
    papers.for_one(f"POST {one}/open", {"meeting_id": desk.meeting(opened=False)})
    papers.for_one(f"POST {one}/close", {"meeting_id": desk.meeting()})
    attended = {"meeting_id": desk.meeting()}
    papers.for_one(f"PUT {one}/attendance/{{seat}}", attended, {"present": True})
    silent, recorded = desk.meeting(), desk.meeting()
    for closed in (silent, recorded):
        desk.ask("POST", f"{path}/{closed}/close", None)
    desk.ask("POST", f"{path}/{recorded}/minutes", {"text": "صورت‌جلسه آزمون"})
    papers.for_one(f"POST {one}/minutes", {"meeting_id": silent})
    papers.for_one(f"GET {one}/minutes", {"meeting_id": recorded})
    of_item = "/v1/working-group/items/{item_id}"
    stake = {"seat": "regulator", "reason": "ذی‌نفع است"}
    papers.for_one(f"POST {of_item}/stakes", {"item_id": desk.item(sitting)}, stake)
    vote = {"seat": "governor", "choice": "for"}
    papers.for_one(f"POST {of_item}/votes", {"item_id": desk.item(sitting)}, vote)
    voted = desk.item(sitting)
    for seat in ("governor", "regulator"):
        body = {"seat": seat, "choice": "for"}
        desk.ask("POST", f"/v1/working-group/items/{voted}/votes", body)
    papers.for_one(f"POST {of_item}/decide", {"item_id": voted})


def _contracts(desk: Desk, papers: Papers) -> None:
    own = {"number": desk.contract()}
    for rest in ("", "/versions", "/commission", "/party"):
        papers.special[f"/v1/contracts/{{number}}{rest}"] = own
    body = contract(desk.office("agency"), valid_from="2020-01-01", valid_until=FAR)
    papers.bodies["POST /v1/contracts"] = body
    one = "/v1/contracts/{number}"
    papers.bodies[f"PATCH {one}"] = {"weight_max_g": 2_000, "reason": "سقف وزن"}
    papers.bodies[f"PUT {one}/party"] = body["party"]
    ends = {"on": "2090-01-01", "reason": "پایان همکاری"}
    papers.for_one(f"POST {one}/terminate", {"number": desk.contract()}, ends)
    papers.for_one(f"POST {one}/renew", {"number": desk.contract()}, {"valid_until": FAR})
