"""The shape of the house: what may lie where, how large it may grow, and what it may not say."""

import ast
import importlib
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from fastapi import APIRouter
from importlinter.cli import lint_imports

from shared.auth import SERVICES

ROOT: Final = Path(__file__).parents[1]
FOLDERS: Final = {"bench", "docs", "migrations", "sdk", "services", "shared", "tests"}
PYTHON: Final = sorted(path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py"))
FILE_LINES_MAX: Final = 450
MAIN_LINES_MAX: Final = 60

COMMAND: Final = {
    "accounts",
    "audits",
    "backups",
    "checks",
    "cli",
    "commands",
    "compatibility",
    "demo",
    "errors",
    "installation",
    "kept",
    "openapi",
    "resync",
    "rotation",
    "server",
    "supervisor",
    "topology",
}
"""The modules beside the services: the susa command."""
SERVICE_NEEDS: Final = {"__init__", "base", "config", "dependencies", "main", "worker"}
SERVICE_MAY: Final = {"clients", "events"}
SLICE_MAY: Final = {
    "__init__",
    "domain",
    "errors",
    "events",
    "jobs",
    "models",
    "repository",
    "routes",
    "schemas",
    "service",
}
EXTRA: Final = {
    "offices/catalogue/seed.py": "pure: the example catalogue and who offers what",
    "offices/catalogue/seeding.py": "carries that plan out, as a part of the registry's seeding",
    "offices/applications/inquiries.py": "use cases of inquiries; service.py is the rest",
    "offices/applications/timers.py": "the worker's ticks over licences and inquiries",
    "offices/licensing/effects.py": "what a decision does to licence and office, now or when due",
    "offices/licensing/importing.py": "licences older than the system; seeding calls it too",
    "offices/states.py": "payloads of most slices by their noun, too many for events.py",
    "offices/routers.py": "the order of the slices' routers, too many for main.py",
    "offices/registry/seed.py": "pure: the plan of offices in proportion to population",
    "offices/registry/seeding.py": "carries the plan out; the command's use case, not a route's",
    "offices/contracts/timers.py": "what the clock brings about; service.py is what people ask",
    "offices/contracts/seeding.py": "example papers of the planned offices, for the command",
    "offices/workforce/desk.py": "decides rows in memory, for one person or a thousand at a time",
    "complaints/clocks/keeping.py": "the worker's side; service.py is what transitions do",
    "complaints/clocks/reading.py": "use cases that read; service.py is what transitions do",
    "complaints/clocks/sheets.py": "a case's clocks at hand, and the one way to change them",
    "parcels/audit.py": "recounts custody and roll-ups over booking, scanning and statistics",
    "parcels/cod/audit.py": "recounts every rial of cash on delivery over all that holds it",
    "parcels/routers.py": "the order of the slices' routers, too many for main.py",
    "parcels/caches.py": "the replica of offices, the tariff and the serials, one set a world",
    "parcels/commissions/following.py": "consumers, of offices' contracts and of acceptances",
    "parcels/postage/audit.py": "recounts charges, journals and balances against the ledger",
    "parcels/vocabulary.py": "pure: products, states and events, which all slices speak of",
    "parcels/promise/known.py": "terms and calendars in memory, for booking and the worker",
    "parcels/promise/explaining.py": "pure: a promise step by step, in words",
    "parcels/breaches/foresight.py": "the worker's look ahead, by estimates that are handed to it",
    "parcels/breaches/keeping.py": "the worker's side; service.py is what people ask",
    "parcels/bags/contents.py": "use cases of what goes into bags and comes out",
    "parcels/bags/reading.py": "SQL of bags as they are shown; repository.py is what changes them",
    "parcels/bags/recording.py": "use case of bag scans, and the work it shares with contents.py",
    "parcels/booking/lines.py": "bookings as a stream; service.py books its chunks",
    "parcels/booking/pricing.py": "checks that need no lock; service.py books under locks",
    "parcels/booking/serials.py": "issues blocks of serials; state of a process",
    "parcels/routing/timetable.py": "lines, feeders and offices in memory; state of a process",
    "parcels/transport/seeding.py": "example lines of the planned centres, for the command",
    "parcels/trips/timers.py": "trips planned ahead, and told when late; service.py is the rest",
    "parcels/trips/vehicles.py": "use cases of vehicles; service.py is the trips'",
    "parcels/statistics/recount.py": "the audit of roll-ups, and the job that counts tasks again",
    "parcels/transit/export.py": "pure: a report as a file, of volumes too",
    "parcels/transit/views.py": "pure: what reports ask for; domain.py is what is counted",
    "parcels/exchange/advising.py": "use cases of pre-advice; service.py is operators, dispatches",
    "parcels/corrections/timers.py": "the worker's tick over scans that wait for their item",
    "parcels/custody/timers.py": "the worker's tick over items that nobody has seen",
    "parcels/redirects/timers.py": "the worker's tick over instructions that time has settled",
    "parcels/scanning/intake.py": "sorts a batch before it is recorded; service.py is the rest",
    "gateway/audit/heads.py": "the file of checkpoints, which is outside the database",
    "gateway/audit/signing.py": "signs heads and checkpoints, and tells whose a signature is",
    "gateway/people.py": "what a process holds for people who sign in; the slices share it",
    "gateway/portal_floor/bags.py": "pages of bags; one module a group of pages",
    "gateway/portal_floor/cash.py": "pages of an office's cash",
    "gateway/portal_floor/counter.py": "a clerk's pages",
    "gateway/portal_floor/courier.py": "a courier's pages, and what the phone sends later",
    "gateway/portal_floor/disputes.py": "pages of discrepancies",
    "gateway/portal_floor/place.py": "the office at which a page works; all groups need it",
    "gateway/portal_floor/scanning.py": "scans as these pages send them; all groups need it",
    "gateway/portal_floor/sorting.py": "a sorting centre's pages but its bags'",
    "gateway/routers.py": "the order of the slices' routers, too many for main.py",
    "gateway/documentation/examples.py": "pure: what /docs shows first, in two languages",
    "gateway/forwarding/answer.py": "what goes back, with our headers, gzipped",
    "gateway/traffic/waiting.py": "pure: in which order they are let in who wait for a lane",
    "gateway/forwarding/body.py": "waits for what the client sends, before a sister does",
    "complaints/attachments/files.py": "the folder that keeps the bytes; its rows are the rest",
    "complaints/routers.py": "the order of the slices' routers, too many for main.py",
    "complaints/vocabulary.py": "pure: stages, categories and channels, which all slices speak of",
    "complaints/chargebacks/sending.py": "the worker's side; service.py is what people ask",
    "complaints/claims/life.py": "every step of a claim under its locks; service.py is who asks",
    "complaints/claims/lookups.py": "the worker's side; service.py is what people ask",
    "complaints/payouts/audit.py": "recounts every rial of claims over all that holds it",
    "complaints/payouts/sending.py": "the worker's side; service.py follows and orders",
    "complaints/open311/documents.py": "reads forms and suffixes, serves both formats",
    "complaints/open311/faults.py": "ASGI: refusals of these paths in the standard's words",
    "complaints/surveys/inviting.py": "consumer, and what closing a case calls",
    "gateway/forwarding/front.py": "the ASGI app in front: no FastAPI route on the hot path",
    "gateway/forwarding/headers.py": "pure: which headers pass, as bytes",
    "gateway/forwarding/remote.py": "streams to a sister over HTTP",
    "gateway/forwarding/route.py": "pure: one line of the table of what is forwarded",
    "gateway/forwarding/table.py": "pure: the explicit table of what is forwarded, with its scope",
    "gateway/forwarding/to_complaints.py": "pure: the table's part of one sister",
    "gateway/forwarding/to_offices.py": "pure: the table's part of one sister",
    "gateway/forwarding/to_parcels.py": "pure: the table's part of one sister",
    "gateway/pages/complain.py": "the pages of complaints and of ratings; each group has a module",
    "gateway/pages/find.py": "the pages of offices",
    "gateway/pages/price.py": "the page of prices",
    "gateway/pages/track.py": "the pages of tracking",
    "gateway/partners/credentials.py": "use cases of credentials; service.py is the accounts'",
    "gateway/shebas/delivering.py": "the worker's tick: what holds from now on, parcels is told",
    "gateway/tokens/issuer.py": "signs access tokens; state of a process",
    "gateway/tokens/origin.py": "pure: where a request comes from, by peer or trusted proxy",
    "gateway/portal_province/charts.py": "pure: charts as SVG",
    "gateway/portal_province/counting.py": "what the tables of the report are made with",
    "gateway/portal_province/of_complaints.py": "tables of what figures of complaints count",
    "gateway/portal_province/of_offices.py": "tables of what figures of offices count",
    "gateway/portal_province/of_parcels.py": "tables of what figures of parcels count",
    "gateway/portal_province/tables.py": "all those tables, by address",
    "gateway/traffic/adaptive.py": "pure: the in-flight limit of a sister",
    "gateway/traffic/breaker.py": "pure: when a sister is left alone, how often it is asked again",
    "gateway/traffic/deprecation.py": "pure: the table of operations that have a successor",
    "gateway/traffic/lane.py": "places and queue before one sister; state of a process",
    "gateway/traffic/meters.py": "what is counted for Prometheus",
    "gateway/traffic/quotas.py": "who asked how often; state of a process",
    "gateway/traffic/stale.py": "public tracking as last seen; state of a process",
    "gateway/web/asking.py": "how pages ask the services, and what is wrong in their words",
    "gateway/web/assets.py": "the files that pages name, under their hashes; state of a process",
    "gateway/web/cookies.py": "pure: the cookie of a session, which the front reads too",
    "gateway/web/faults.py": "pure: what is wrong with a field, by its code, in the reader's words",
    "gateway/web/forms.py": "what a form sent, bounded",
    "gateway/web/navigation.py": "pure: where the portal leads, and whom",
    "gateway/web/numbers.py": "pure: numbers, money and Jalali dates as people read them",
    "gateway/web/pages.py": "one request of a page, which every page's slice is handed",
    "gateway/web/routing.py": "routes whose problems are pages, and what other sites may not send",
    "gateway/web/signed_in.py": "dependencies: the pages of who has signed in",
    "gateway/web/templating.py": "templates, compiled once a language",
    "gateway/web/texts.py": "what pages say, by language; read once a process",
    "gateway/webhooks/addresses.py": "pure: which addresses a webhook may be sent to",
    "gateway/webhooks/deliverer.py": "the worker's loop: leases what is due, records the outcome",
    "gateway/webhooks/sender.py": "one attempt over HTTP, to the vetted address",
}
"""Modules that the names of a service's or slice's files do not cover, each with its reason."""
STATEMENTS_OF_A_ROUTE: Final = (ast.Assign, ast.AnnAssign, ast.Expr, ast.Return, ast.Raise)
SQL: Final = re.compile(r"\s*(SELECT|INSERT|UPDATE|DELETE|WITH|CALL)\s", re.IGNORECASE)


def named(paths: Iterator[Path] | list[Path]) -> list[str]:
    return [path.relative_to(ROOT).as_posix() for path in paths]


def lines(path: Path) -> int:
    return len(path.read_text().splitlines())


def slices(service: str) -> list[Path]:
    folders = (ROOT / "services" / service).iterdir()
    return sorted(path for path in folders if path.is_dir() and path.name != "__pycache__")


def every(name: str) -> list[str]:
    return named(sorted((ROOT / "services").glob(f"*/*/{name}")))


def functions(path: str) -> Iterator[ast.AsyncFunctionDef | ast.FunctionDef]:
    for node in ast.walk(ast.parse((ROOT / path).read_text())):
        if isinstance(node, ast.AsyncFunctionDef | ast.FunctionDef):
            yield node


class TestRooms:
    def test_top_level(self) -> None:
        made = {"build", "dist", "__pycache__"}
        found = {path.name for path in ROOT.iterdir() if path.is_dir()} - made
        assert {n for n in found if not n.startswith(".") and "egg-info" not in n} <= FOLDERS

    def test_beside_the_services(self) -> None:
        modules = {path.stem for path in (ROOT / "services").glob("*.py")}
        packages = {path.parent.name for path in (ROOT / "services").glob("*/__init__.py")}
        assert modules == COMMAND | {"__init__"}
        assert packages == {*SERVICES, "year"}

    @pytest.mark.parametrize("service", SERVICES)
    def test_of_a_service(self, service: str) -> None:
        folder = ROOT / "services" / service
        found = {path.stem for path in folder.glob("*.py")}
        extra = {Path(name).stem for name in EXTRA if re.fullmatch(rf"{service}/\w+\.py", name)}
        assert found >= SERVICE_NEEDS
        assert found <= SERVICE_NEEDS | SERVICE_MAY | extra

    @pytest.mark.parametrize("service", SERVICES)
    def test_of_a_slice(self, service: str) -> None:
        assert slices(service)
        for folder in slices(service):
            for path in folder.glob("*.py"):
                name = path.relative_to(ROOT / "services").as_posix()
                assert path.stem in SLICE_MAY or name in EXTRA, name
            assert [path for path in folder.glob("*.py") if path.stem != "__init__"], folder

    def test_extra_modules_exist(self) -> None:
        assert [name for name in EXTRA if not (ROOT / "services" / name).exists()] == []

    def test_packages_hold_nothing(self) -> None:
        """Code in `services/**/__init__.py` would run on any import and is in no room."""
        for path in (ROOT / "services").rglob("__init__.py"):
            body = ast.parse(path.read_text()).body
            assert all(isinstance(node, ast.Expr) for node in body), path


class TestSize:
    def test_files(self) -> None:
        assert [name for name in named(PYTHON) if lines(ROOT / name) > FILE_LINES_MAX] == []

    @pytest.mark.parametrize("service", SERVICES)
    def test_main(self, service: str) -> None:
        assert lines(ROOT / "services" / service / "main.py") <= MAIN_LINES_MAX

    def test_nothing_is_empty(self) -> None:
        empty = [path for path in PYTHON if not path.read_text().strip()]
        assert {path.name for path in empty} <= {"__init__.py"}


class TestRoutes:
    @pytest.mark.parametrize("path", every("routes.py"))
    def test_decide_nothing(self, path: str) -> None:
        """No branch, loop or handler; an `… if … else …` for an optional parameter may stand."""
        for function in functions(path):
            for statement in function.body:
                assert isinstance(statement, STATEMENTS_OF_A_ROUTE), ast.unparse(statement)

    @pytest.mark.parametrize("path", every("routes.py"))
    def test_hold_no_sql(self, path: str) -> None:
        for node in ast.walk(ast.parse((ROOT / path).read_text())):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                assert not SQL.match(node.value), node.value

    @pytest.mark.parametrize("service", SERVICES)
    def test_are_all_served(self, service: str) -> None:
        """A router that main.py forgot would be a 404 that nobody planned."""
        served = {
            id(router) for router in importlib.import_module(f"services.{service}.main").ROUTERS
        }
        for folder in slices(service):
            if (folder / "routes.py").exists():
                module = importlib.import_module(f"services.{service}.{folder.name}.routes")
                routers = [v for v in vars(module).values() if isinstance(v, APIRouter)]
                assert {id(router) for router in routers} <= served, folder.name


class TestIndependence:
    def test_contracts_of_imports_are_kept(self, capsys: pytest.CaptureFixture[str]) -> None:
        """Those of pyproject.toml: independence, layers, rules without input or output."""
        status = lint_imports(config_filename=str(ROOT / "pyproject.toml"), no_cache=True)
        assert status == 0, capsys.readouterr().out

    @pytest.mark.parametrize("package", [*SERVICES, "year"])
    def test_no_service_names_another(self, package: str) -> None:
        """Not in a string either, which an import check cannot see."""
        others = "|".join(service for service in SERVICES if service != package)
        named_other = re.compile(rf"\bservices[./]({others})\b")
        for path in (ROOT / "services" / package).rglob("*.py"):
            assert not named_other.search(path.read_text()), path

    def test_only_the_session_dependency_commits(self) -> None:
        for path in (ROOT / "services").rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                    assert node.func.attr not in {"commit", "rollback"}, f"{path}:{node.lineno}"


class TestLock:
    LOCK: Final = (ROOT / "requirements.lock").read_text()

    def test_has_everything_that_is_asked_for(self) -> None:
        project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
        asked = [*project["dependencies"], *project["optional-dependencies"]["dev"]]
        pinned = set(re.findall(r"^([\w.-]+)==", self.LOCK, re.MULTILINE))
        names = {re.split(r"[\[<>=!~; ]", line, maxsplit=1)[0].lower() for line in asked}
        assert names - pinned == set()

    def test_every_pin_has_hashes_and_none_an_address(self) -> None:
        pins = re.split(r"^(?=[\w.-]+==)", self.LOCK, flags=re.MULTILINE)[1:]
        assert [pin.split()[0] for pin in pins if "--hash=sha256:" not in pin] == []
        assert "://" not in self.LOCK
