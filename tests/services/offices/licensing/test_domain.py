"""A licence's life as a table: every path through it, searched."""

from datetime import UTC, date, datetime, timedelta
from typing import Any, Final, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from services.offices.decisions.domain import DECIDING, authority, decides
from services.offices.decisions.errors import DecisionMissing
from services.offices.licensing.domain import (
    AUTHORITIES,
    HEARING_NEEDED,
    LIFE,
    PATHS,
    Act,
    LicenceStatus,
    Past,
    Path,
    Pending,
    appeal_open,
    follow,
    has_expired,
    holder_heard,
    matters,
    project,
)
from services.offices.licensing.errors import TransitionNotPossible
from services.offices.registry.domain import Kind

ACTS: Final = tuple(sorted({act for _, act in LIFE}))
STATUSES: Final[tuple[LicenceStatus, ...]] = get_args(LicenceStatus)
PATHS_KNOWN: Final[tuple[Path, ...]] = get_args(Path)
T0: Final = datetime(2019, 3, 21, 8, tzinfo=UTC)
DAY: Final = timedelta(days=1)


def reachable(edges: dict[tuple[Any, Any], Any]) -> set[Any]:
    found: set[Any] = {None}
    while more := {to for (before, _), to in edges.items() if before in found} - found:
        found |= more
    return found


class TestTable:
    @pytest.mark.parametrize("path", PATHS_KNOWN)
    def test_no_path_to_active_without_a_decision(self, path: Path) -> None:
        """Take the decisions away: nothing is left by which a licence could become active."""
        assert AUTHORITIES[path].keys() == set(ACTS)
        undecided = {
            (before, act): after
            for (before, act), after in LIFE.items()
            if not AUTHORITIES[path][act] <= DECIDING
        }
        assert "active" not in reachable(undecided)
        for (before, _), after in undecided.items():
            assert after != "active" or before == "active"
        assert reachable(dict(LIFE)) == {None, *STATUSES}

    def test_every_kind_of_office_has_its_path_or_none(self) -> None:
        assert set(get_args(Kind)) <= PATHS.keys()
        assert (PATHS["pishkhan"], PATHS["rural_ict"]) == ("working_group", "regulator")
        assert [PATHS[kind] for kind in ("agency", "post_office", "sorting_centre")] == [None] * 3

    def test_what_the_working_group_may_be_asked(self) -> None:
        assert matters("working_group", "active") == ["rescind", "revoke", "suspend", "warn"]
        assert matters("regulator", "active") == matters(None, "active") == []

    def test_revoked_and_expired_licences_stay_so_but_for_their_decisions(self) -> None:
        assert {act for (status, act) in LIFE if status == "expired"} == {"renew", "rescind"}
        ways = {act for (status, act), to in LIFE.items() if status == "revoked" != to}
        assert ways == {"overturn"}


@pytest.mark.parametrize(
    ("item", "reference", "group", "regulator"),
    [
        (False, False, None, None),
        (True, False, "working_group", None),
        (False, True, None, "regulator"),
        (True, True, "working_group", "regulator"),
    ],
)
def test_a_suspension_rests_on_its_own_authority(
    item: bool, reference: bool, group: str | None, regulator: str | None
) -> None:
    for path, expected in zip(PATHS_KNOWN, (group, regulator), strict=True):
        allowed = AUTHORITIES[path]["suspend"]
        if expected is None:
            with pytest.raises(DecisionMissing, match="suspend: send"):
                authority(allowed, "suspend", item=item, reference=reference)
        else:
            assert authority(allowed, "suspend", item=item, reference=reference) == expected


def test_what_an_outcome_decides() -> None:
    assert decides("suspend", "suspend", "adopted")
    assert decides("refuse", "agree", "rejected")
    assert decides("uphold", "overturn", "rejected")
    for outcome in ("rejected", "no_quorum", "adjourned", None):
        assert not decides("suspend", "suspend", outcome)
    assert not decides("agree", "refuse", "rejected")


def history(*acts: str, hearing_on: date | None = None) -> list[Past]:
    return [Past(act, T0, hearing_on if act == "summon" else None) for act in acts]


def test_a_hearing_serves_its_own_matter() -> None:
    today = date(2019, 3, 25)
    assert holder_heard(history("import", "defend", "warn", "inspect"), today)
    assert not holder_heard(history("import", "defend", "suspend"), today)
    assert not holder_heard(history("import", "defend", "suspend", "reinstate"), today)
    assert not holder_heard(history("import"), today)
    summoned = history("import", "summon", hearing_on=date(2019, 3, 24))
    assert holder_heard(summoned, today)
    assert not holder_heard(summoned, date(2019, 3, 24))


def test_an_appeal_is_decided_once() -> None:
    assert appeal_open(history("suspend", "appeal", "inspect"))
    assert not appeal_open(history("suspend", "appeal", "uphold"))
    assert appeal_open(history("suspend", "appeal", "uphold", "appeal"))
    assert not appeal_open(history("suspend", "appeal", "reinstate"))
    assert not appeal_open([])


def test_the_last_day_is_included() -> None:
    assert not has_expired("active", date(2020, 3, 19), date(2020, 3, 19))
    assert has_expired("active", date(2020, 3, 19), date(2020, 3, 20))
    assert not has_expired("active", None, date(2200, 1, 1))
    assert not has_expired("suspended", date(2020, 3, 19), date(2020, 3, 20))


pendings = st.lists(
    st.builds(
        Pending,
        st.sampled_from(ACTS),
        st.integers(0, 9).map(lambda n: T0 + n * DAY),
    ),
    max_size=6,
).map(lambda found: sorted(found, key=lambda each: each.effective_from))


@settings(deadline=None, max_examples=100)
@given(st.sampled_from(STATUSES), pendings, st.integers(0, 10))
def test_what_is_decided_reads_the_same_as_it_is_applied(
    status: LicenceStatus, pending: list[Pending], day: int
) -> None:
    """The status foreseen for an instant is the one there once each was applied in its turn."""
    at = T0 + day * DAY
    foreseen = project(status, pending, at)
    for each in pending:
        if each.effective_from <= at and (status, each.act) in LIFE:
            status = follow(status, each.act)
    assert status == foreseen


class Life(RuleBasedStateMachine):
    """Anyone tries anything, with and without a vote, a letter, a hearing."""

    @initialize(path=st.sampled_from(PATHS_KNOWN))
    def begin(self, path: Path) -> None:
        self.path: Path = path
        self.status: LicenceStatus | None = None
        self.past: list[Past] = []
        self.decided: list[tuple[Act, str]] = []

    @rule(act=st.sampled_from(ACTS), item=st.booleans(), reference=st.booleans())
    def attempt(self, act: Act, item: bool, reference: bool) -> None:
        by = AUTHORITIES[self.path][act]
        try:
            after = follow(self.status, act)
            who = "clock" if "clock" in by else authority(by, act, item=item, reference=reference)
        except (TransitionNotPossible, DecisionMissing):
            return
        if act in HEARING_NEEDED and not holder_heard(self.past, T0.date()):
            return
        if act in {"uphold", "overturn"} and not appeal_open(self.past):
            return
        if after != self.status:
            self.decided.append((act, who))
            if after == "active":
                assert item or reference
        self.status = after
        self.past.append(Past(act, T0))

    @invariant()
    def whoever_is_active_was_decided_on(self) -> None:
        if getattr(self, "status", None) == "active":
            assert self.decided[-1][1] in DECIDING

    @invariant()
    def nobody_was_stopped_unheard(self) -> None:
        acts = [past.act for past in getattr(self, "past", [])]
        for at, act in enumerate(acts):
            if act in HEARING_NEEDED:
                assert "defend" in acts[:at]


TestLife = Life.TestCase
TestLife.settings = settings(deadline=None, max_examples=60, stateful_step_count=30)
