"""Rules of traffic: quotas, the in-flight limit, the breaker, the retry budget."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.gateway.forwarding.answer import likes_gzip
from services.gateway.forwarding.headers import Incoming, traced
from services.gateway.forwarding.table import ROUTES
from services.gateway.traffic import adaptive, breaker
from services.gateway.traffic.adaptive import LEAST, MOST, Adaptive
from services.gateway.traffic.breaker import Breaker, RetryBudget
from services.gateway.traffic.deprecation import Deprecated, by_operation
from services.gateway.traffic.domain import (
    ADDRESS_PER_MINUTE,
    ORDER,
    PARTNER_PER_MINUTE,
    SHARE,
    WINDOW_S,
    Bucket,
    Quota,
)
from services.gateway.traffic.quotas import network_of

few = settings(max_examples=40, deadline=None)
pauses = st.lists(st.floats(0, 3, allow_nan=False), min_size=1, max_size=80)


class TestClasses:
    @pytest.mark.parametrize(
        ("operation", "kind"),
        [
            ("POST /v1/scans", "scans"),
            ("POST /v1/bag-scans", "scans"),
            ("POST /v1/parcels/{barcode}/deliveries", "scans"),
            ("POST /v1/bank/payment-orders/{order_id}/confirm", "payments"),
            ("GET /v1/bank/payment-orders", "payments"),
            ("POST /v1/settlements", "payments"),
            ("POST /v1/parcels", "bookings"),
            ("POST /v1/parcels/batch", "bookings"),
            ("POST /v1/complaints", "writes"),
            ("GET /v1/parcels/{barcode}", "reads"),
            ("GET /v1/tracking/{barcode}", "public"),
            ("POST /v1/tracking", "public"),
            ("GET /v1/statistics/volumes", "reports"),
            ("GET /v1/offices/export", "reports"),
        ],
    )
    def test_of_an_operation(self, operation: str, kind: str) -> None:
        found = {f"{route.method} {route.template}": route.traffic for route in ROUTES}
        assert found[operation] == kind

    def test_each_has_its_quotas_and_the_last_shed_have_all_the_room(self) -> None:
        assert set(ORDER) == PARTNER_PER_MINUTE.keys() == ADDRESS_PER_MINUTE.keys()
        assert list(SHARE) == sorted(SHARE)
        assert ORDER[-2:] == ("scans", "payments")
        assert SHARE[-2:] == (1.0, 1.0)


class TestQuota:
    @few
    @given(st.integers(1, 50), pauses)
    def test_no_more_than_a_burst_and_what_time_gave_back(
        self, limit: int, gaps: list[float]
    ) -> None:
        quota, bucket, now, taken = Quota("reads", limit), Bucket(), 100.0, 0
        for gap in gaps:
            now += gap
            wait_s = bucket.take(quota, now)
            taken += wait_s is None
            assert taken <= limit + (now - 100) / quota.interval_s + 1e-3
            assert 0 <= bucket.remaining(quota, now) <= limit
            if wait_s is not None:
                assert bucket.remaining(quota, now) == 0
                assert Bucket(bucket.whole_at).take(quota, now + wait_s + 1e-5) is None

    def test_a_burst_is_the_whole_quota_and_is_told(self) -> None:
        quota, bucket = Quota("reads", 6), Bucket()
        assert quota.policy() == b'"reads";q=6;w=60'
        for left in range(5, -1, -1):
            assert bucket.take(quota, 1000) is None
            assert bucket.remaining(quota, 1000) == left
        assert bucket.take(quota, 1000) == pytest.approx(WINDOW_S / 6)
        assert bucket.told(quota, 1000) == b'"reads";r=0;t=60'
        assert bucket.take(quota, 1010.01) is None

    @pytest.mark.parametrize(
        ("one", "other", "same"),
        [
            ("10.0.0.1", "10.0.0.2", False),
            ("2001:db8::1", "2001:db8::ffff:1", True),
            ("2001:db8::1", "2001:db8:0:1::1", False),
            ("unknown", "unknown", True),
            ("no:address", "no:address", True),
        ],
    )
    def test_an_ipv6_client_is_its_network(self, one: str, other: str, same: bool) -> None:
        assert (network_of(one) == network_of(other)) is same


class TestAdaptive:
    @few
    @given(st.lists(st.tuples(st.floats(0, 1e6), st.integers(0, 10**6)), max_size=300))
    def test_stays_within_its_bounds(self, samples: list[tuple[float, int]]) -> None:
        limit, now = Adaptive(), 0.0
        for strain, in_flight in samples:
            now += 0.02
            limit.sample(strain, in_flight, now)
            assert LEAST <= limit.limit <= MOST

    @few
    @given(st.integers(LEAST, MOST), st.floats(0, 1), st.booleans())
    def test_good_answers_never_cut_and_raise_only_what_is_used(
        self, start: int, strain: float, used: bool
    ) -> None:
        limit = Adaptive(start)
        for turn in range(adaptive.SAMPLES_MIN):
            limit.sample(strain, start if used else 0, float(turn))
        assert limit.limit >= start if used else limit.limit == start

    @few
    @given(st.integers(20, 400), st.integers(LEAST, MOST))
    def test_finds_what_a_sister_can_do(self, at_once: int, start: int) -> None:
        """A sister that answers in good time up to `at_once`, and slower the more is asked."""
        limit, now = Adaptive(start), 0.0
        for _ in range(200):
            for _ in range(adaptive.SAMPLES_MIN):
                limit.sample(limit.limit / at_once, limit.limit, now)
            now += adaptive.PERIOD_S
        assert at_once * 0.85 <= limit.limit <= at_once * 1.15 + 1

    def test_one_straggler_among_many_changes_little(self) -> None:
        limit = Adaptive()
        for turn in range(adaptive.SAMPLES_MIN):
            limit.sample(1000 if turn == 3 else 0.1, 64, float(turn))
        assert limit.limit >= 64


class TestBreaker:
    @few
    @given(st.lists(st.tuples(st.booleans(), st.floats(0, 4)), max_size=200))
    def test_few_or_rare_failures_leave_it_closed(self, told: list[tuple[bool, float]]) -> None:
        one, now, failures = Breaker(), 0.0, 0
        for failed, gap in told:
            now += gap
            failures += failed
            one.record(now, failed=failed)
            if failures < breaker.FAILURES_MIN:
                assert not one.open
        assert not one.open or not one.allows(now - 1)

    def test_opens_tries_and_closes(self) -> None:
        one = Breaker()
        for turn in range(breaker.FAILURES_MIN):
            assert one.allows(turn / 10)
            one.record(turn / 10, failed=True)
        assert one.open
        assert one.retry_s(1.9) == pytest.approx(breaker.REST_S)
        assert not one.allows(2.0)
        assert one.allows(4.0)  # the trial
        assert not one.allows(4.0)
        one.record(5.0, failed=True)
        assert not one.allows(5.5)
        assert one.allows(6.1)
        one.record(6.2, failed=False)
        assert not one.open
        assert one.allows(6.2)

    def test_old_failures_are_forgotten(self) -> None:
        one, now = Breaker(), 0.0
        for _ in range(breaker.FAILURES_MIN * 5):
            now += breaker.PERIOD_S / (breaker.FAILURES_MIN - 3)
            one.record(now, failed=True)
        assert not one.open

    @few
    @given(st.lists(st.booleans(), max_size=500))
    def test_retries_are_at_most_a_tenth_and_a_handful(self, steps: list[bool]) -> None:
        budget, earned, spent = RetryBudget(), 0, 0
        for earns in steps:
            if earns:
                budget.earn()
                earned += 1
            else:
                spent += budget.spend()
            assert spent <= breaker.BUDGET_MOST + earned * breaker.BUDGET_A_REQUEST + 1e-6


TRACE = b"4bf92f3577b34da6a3ce929d0e0e4736"
PARENT = b"00-" + TRACE + b"-00f067aa0ba902b7-01"


class TestHeaders:
    def traced(self, parent: bytes, state: bytes = b"") -> dict[bytes, bytes]:
        return dict(traced(Incoming([], [], b"", trace_parent=parent, trace_state=state)))

    def test_a_trace_goes_on_under_another_span(self) -> None:
        told = self.traced(PARENT, b"a=1")
        version, trace, span, flags = told[b"traceparent"].split(b"-")
        assert (version, trace, flags, told[b"tracestate"]) == (b"00", TRACE, b"01", b"a=1")
        assert len(span) == 16
        assert span != b"00f067aa0ba902b7"

    @pytest.mark.parametrize(
        "bad",
        [
            b"",
            b"ff" + PARENT[2:],
            PARENT.upper(),
            PARENT + b"-extra",
            b"00-" + b"0" * 32 + PARENT[35:],
            PARENT[:36] + b"0" * 16 + b"-01",
            PARENT[:-1],
        ],
    )
    def test_what_is_no_trace_begins_a_new_one_without_its_state(self, bad: bytes) -> None:
        told = self.traced(bad, b"a=1")
        assert told.keys() == {b"traceparent"}
        assert TRACE not in told[b"traceparent"]
        assert self.traced(told[b"traceparent"])[b"traceparent"][3:35] == told[b"traceparent"][3:35]

    def test_a_later_version_may_say_more(self) -> None:
        assert self.traced(b"01" + PARENT[2:] + b"-more")[b"traceparent"][3:35] == TRACE

    @pytest.mark.parametrize(
        ("accepts", "likes"),
        [
            (b"gzip", True),
            (b"br, GZIP;q=0.5", True),
            (b"*", True),
            (b"gzip;q=0", False),
            (b"gzip; q=0.0", False),
            (b"br", False),
            (b"identity", False),
        ],
    )
    def test_gzip(self, accepts: bytes, likes: bool) -> None:
        assert likes_gzip(accepts) is likes

    def test_deprecation(self) -> None:
        line = Deprecated("GET", "/v1/old", date(2026, 1, 1), date(2027, 1, 1), "/v2/new")
        assert dict(by_operation([line])["GET", "/v1/old"]) == {
            b"deprecation": b"@1767225600",
            b"sunset": b"Fri, 01 Jan 2027 00:00:00 GMT",
            b"link": b'</v2/new>; rel="successor-version"',
        }
