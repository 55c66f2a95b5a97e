import re
from collections import Counter
from pathlib import Path

import pytest

from services.offices.registry.seed import (
    SORTING_TOWNS,
    OfficePlan,
    Town,
    distance_km,
    load_counties,
    load_towns,
    plan_offices,
)

DAYS = {"sat", "sun", "mon", "tue", "wed", "thu", "fri"}


@pytest.fixture(scope="module")
def towns() -> list[Town]:
    return load_towns()


@pytest.fixture(scope="module")
def plan(towns: list[Town]) -> list[OfficePlan]:
    return plan_offices(towns)


class TestTowns:
    def test_every_county_has_exactly_one_seat(self, towns: list[Town]) -> None:
        counties = [county.slug for county in load_counties()]
        assert len(set(counties)) == 27
        assert sorted(town.county for town in towns if town.seat) == sorted(counties)
        assert {town.county for town in towns} <= set(counties)

    def test_slugs_and_names_are_one_each(self, towns: list[Town]) -> None:
        assert (
            len({town.slug for town in towns}) == len({town.name for town in towns}) == len(towns)
        )
        assert all(re.fullmatch(r"[a-z]+(-[a-z]+)*", town.slug) for town in towns)

    def test_names_are_persian_letters_only(self, towns: list[Town]) -> None:
        """No Arabic yeh or kaf, no Latin left over, a ZWNJ only between two letters."""
        for name in [t.name for t in towns] + [c.name for c in load_counties()]:
            assert re.fullmatch(
                "[آابپتثجچحخدذرزژسشصضطظعغفقکگلمنوهی]+"
                "([ \u200c][آابپتثجچحخدذرزژسشصضطظعغفقکگلمنوهی]+)*",
                name,
            ), name

    def test_all_lie_in_khuzestan(self, towns: list[Town]) -> None:
        """Bounding box of the province, 29.9-33.1 N and 47.6-50.7 E."""
        assert all(29.9 < t.latitude < 33.1 and 47.6 < t.longitude < 50.7 for t in towns)

    def test_census_corrections(self, towns: list[Town]) -> None:
        people = {town.slug: town.population for town in towns}
        assert people["khorramshahr"] == 133_097
        assert people["ahvaz"] == 1_184_788
        assert 3_000_000 < sum(people.values()) < 4_710_509  # the province in the census of 1395

    def test_source_is_named_in_the_file(self) -> None:
        table = Path("services/offices/registry/towns.csv").read_text(encoding="utf-8")
        assert "CC BY 4.0" in table.split("slug,")[0]


class TestOffices:
    def test_same_every_time(self, towns: list[Town], plan: list[OfficePlan]) -> None:
        assert plan_offices(towns) == plan

    def test_how_many_of_each_kind(self, plan: list[OfficePlan]) -> None:
        kinds = Counter(office.kind for office in plan)
        assert len(plan) == 380
        assert kinds["sorting_centre"] == len(SORTING_TOWNS)
        assert kinds["post_office"] >= 27
        assert kinds["pishkhan"] > kinds["agency"] > kinds["post_office"]
        assert kinds["rural_ict"] >= 20

    def test_every_town_has_an_office_and_every_seat_a_post_office(
        self, towns: list[Town], plan: list[OfficePlan]
    ) -> None:
        serving = {(office.town, office.kind) for office in plan}
        assert {town for town, kind in serving if kind != "sorting_centre"} == {
            t.slug for t in towns
        }
        assert all((town.slug, "post_office") in serving for town in towns if town.seat)

    def test_counters_follow_population(self, towns: list[Town], plan: list[OfficePlan]) -> None:
        counters = Counter(o.town for o in plan if o.kind in {"agency", "pishkhan"})
        people = {town.slug: town.population for town in towns}
        per_head = sum(counters.values()) / sum(people.values())
        for slug, population in people.items():
            assert abs(counters[slug] - per_head * population) < 1

    def test_keys_and_postal_codes_are_one_each(self, plan: list[OfficePlan]) -> None:
        assert len({office.key for office in plan}) == len(plan)
        assert len({office.postal_code for office in plan}) == len(plan)
        assert all(re.fullmatch(r"6[13-9]{4}[0-9]{5}", office.postal_code) for office in plan)

    def test_sorting_centres_come_first_and_each_office_has_the_nearest(
        self, towns: list[Town], plan: list[OfficePlan]
    ) -> None:
        centres = {office.key: office for office in plan if office.kind == "sorting_centre"}
        assert [office.key for office in plan[: len(centres)]] == list(centres)
        assert all(centre.sorting_centre is None for centre in centres.values())
        places = {town.slug: town for town in towns}
        for office in plan[len(centres) :]:
            assert office.sorting_centre is not None
            town = places[office.town]
            chosen = distance_km(centres[office.sorting_centre], town)
            assert chosen == min(distance_km(centre, town) for centre in centres.values())
            assert chosen < 90  # what the choice of SORTING_TOWNS promises

    def test_offices_stay_near_their_town_and_apart(
        self, towns: list[Town], plan: list[OfficePlan]
    ) -> None:
        places = {town.slug: town for town in towns}
        assert all(distance_km(office, places[office.town]) < 7 for office in plan)
        assert len({(office.latitude, office.longitude) for office in plan}) == len(plan)

    def test_hours_cover_the_week(self, plan: list[OfficePlan]) -> None:
        for office in plan:
            assert set(office.hours) == DAYS
            assert office.hours["fri"] == []
            assert len(office.hours["thu"]) == 1
            for spans in office.hours.values():
                ends = [moment for span in spans for moment in span.split("-")]
                assert ends == sorted(ends)
        assert any(len(office.hours["sat"]) == 2 for office in plan)

    def test_a_province_without_any_sorting_town_is_refused(self, towns: list[Town]) -> None:
        with pytest.raises(ValueError, match="sorting centre"):
            plan_offices([town for town in towns if town.slug not in SORTING_TOWNS])

    def test_distance_is_a_known_one(self, towns: list[Town]) -> None:
        """Ahvaz to Abadan is about 115 km as the crow flies."""
        places = {town.slug: town for town in towns}
        assert 112 < distance_km(places["ahvaz"], places["abadan"]) < 118
