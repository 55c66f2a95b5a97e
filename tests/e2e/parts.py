"""What the fuzzed test needs of each part of the whole, gathered: one place that knows them all."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx

from tests.e2e.bags import make_bags
from tests.e2e.cash import SHEBA, make_cash
from tests.e2e.claims import make_claims
from tests.e2e.clocks import make_clocks
from tests.e2e.custody import make_custody
from tests.e2e.deliveries import DELIVERY_FIELDS, make_deliveries
from tests.e2e.handover import make_handover
from tests.e2e.papers import make_papers
from tests.e2e.people import Make, make_associations, make_people
from tests.e2e.postage import FIELDS as POSTAGE_FIELDS
from tests.e2e.postage import make_postage
from tests.e2e.promises import FIELDS as PROMISED
from tests.e2e.promises import make_promises
from tests.e2e.statistics import make_statistics
from tests.e2e.surveys import make_surveys
from tests.e2e.tariffs import FIELDS, QUOTED, make_tariffs
from tests.e2e.transport import make_transport
from tests.factories.offices import office

Ask = Callable[[str, str, Any], Any]


@dataclass
class Parts:
    """By what name they are asked for: in paths, in the paths of single operations, in bodies."""

    paths: dict[str, str] = field(default_factory=dict)
    special: dict[str, dict[str, str]] = field(default_factory=dict)
    fields: dict[str, Any] = field(default_factory=dict)
    bodies: dict[str, Any] = field(default_factory=dict)
    headers: dict[str, dict[str, str]] = field(default_factory=dict)
    """Of operations whose labels end so."""

    def add(
        self,
        paths: dict[str, str],
        special: dict[str, dict[str, str]],
        bodies: dict[str, Any] | None = None,
        **fields: Any,
    ) -> None:
        self.paths |= paths
        self.special |= special
        self.bodies |= bodies or {}
        self.fields |= fields


@dataclass(frozen=True)
class Actors:
    """Who asks, and what was there before."""

    client: httpx.Client
    make: Make
    ask: Ask
    account: str
    """Of the one who asks."""
    other: str
    """Another partner's account."""
    code: str
    """An office that is suspended."""
    seeded: str
    """One that works."""

    def without_backfill(self) -> Ask:
        """The same account by a key of a clerk, whose old scans are flagged."""
        wanted = {"label": "clerk", "scopes": ["scans:write"]}
        key = self.make(f"/v1/partners/{self.account}/keys", wanted)["key"]

        def ask(method: str, path: str, body: Any) -> Any:
            headers = {"Authorization": f"Bearer {key}"}
            answer = self.client.request(method, path, json=body, headers=headers)
            return answer.raise_for_status().json()

        return ask


def make_parts(actors: Actors) -> Parts:
    found = Parts()
    _of_offices(found, actors)
    _of_parcels(found, actors)
    surveys = make_surveys(actors.client, actors.make, actors.seeded)
    found.add(surveys.paths, surveys.special, surveys.bodies)
    found.headers |= surveys.headers
    return found


def _of_offices(found: Parts, actors: Actors) -> None:
    make = actors.make
    association_paths, association_special = make_associations(make)
    found.add(association_paths, association_special, association=association_paths["member"])
    people_paths, people_special = make_people(make, make("/v1/offices", office())["code"])
    found.add(people_paths, people_special, course=people_paths["course"])
    papers = make_papers(actors.ask, actors.code)
    found.add(papers.paths, papers.special, papers.bodies)


def _of_parcels(found: Parts, actors: Actors) -> None:
    client, make, seeded = actors.client, actors.make, actors.seeded
    tariff_paths, tariff_special = make_tariffs(make)
    found.add(tariff_paths, tariff_special, QUOTED, **FIELDS)
    transport = make_transport(client, make, seeded)
    found.add(transport.paths, transport.special, transport.bodies, **transport.fields)
    found.add(*make_promises(make), **PROMISED)
    bag_paths, bag_special, bag_bodies = make_bags(make, actors.ask, seeded)
    found.add(bag_paths, bag_special, bag_bodies, bag=bag_paths["bag"])
    # before the cash: its bank fetches all that is prepared
    claims = make_claims(client, make, seeded)
    found.add(claims.paths, claims.special, claims.bodies)
    cash = make_cash(client, seeded, actors.account)
    found.add(cash.paths, cash.special, cash.bodies, sheba=SHEBA, collector=actors.account)
    deliveries = make_deliveries(client, seeded)
    found.add(deliveries.paths, deliveries.special, deliveries.bodies, **DELIVERY_FIELDS)
    postage = make_postage(
        make, actors.ask, (actors.account, actors.other), seeded, tariff_paths["run_id"]
    )
    found.add(postage.paths, postage.special, postage.bodies, **POSTAGE_FIELDS)
    custody = make_custody(actors.ask, actors.without_backfill(), seeded)
    found.add(custody.paths, custody.special, custody.bodies)
    handover = make_handover(actors.ask, seeded)
    found.add(handover.paths, handover.special, handover.bodies)
    found.bodies |= make_statistics(make)
    found.add(*make_clocks(client, make, seeded))
