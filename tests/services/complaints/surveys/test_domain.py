"""Rules of the surveys."""

from datetime import date
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from services.complaints.surveys.domain import (
    Category,
    Sampling,
    coded,
    folded_keyword,
    invitation_id,
    is_chosen,
    opens,
    prefix_query,
    rule_of,
    secret_hash,
    secret_of,
)

few = settings(max_examples=50)
items = st.text(st.sampled_from("0123456789RBIR"), max_size=24)
words = st.text(st.sampled_from("ابپتيک‌ ك۱2*&!|:'_"), max_size=12)


@few
@given(items, words, words, words)
def test_a_larger_rate_keeps_whom_a_smaller_one_chose(
    item: str, office: str, product: str, seed: str
) -> None:
    chosen = [is_chosen(item, office, product, seed, rate) for rate in range(0, 10_001, 500)]
    assert chosen == sorted(chosen)
    assert (chosen[0], chosen[-1]) == (False, True)


def test_a_sample_is_as_large_as_its_rate_and_another_of_another_seed() -> None:
    items = [str(n) for n in range(4_000)]
    drawn = {
        seed: {item for item in items if is_chosen(item, "KZ00012", "adi", seed, 2_500)}
        for seed in ("a", "b")
    }
    for sample in drawn.values():
        assert abs(len(sample) - 1_000) < 140  # five standard deviations
    both = len(drawn["a"] & drawn["b"])
    assert abs(both - 250) < 80  # independent draws share a sixteenth


days = st.dates(date(2019, 1, 1), date(2019, 2, 1))
rules = st.lists(
    st.builds(
        Sampling,
        st.sampled_from([None, "A", "B"]),
        st.sampled_from([None, "x", "y"]),
        st.integers(0, 10_000),
        st.just("s"),
        days,
        st.none() | days,
    ),
    max_size=6,
)


@few
@given(rules, st.sampled_from(["A", "B", None]), st.sampled_from(["x", "y"]), days)
def test_the_closest_rule_that_holds(
    known: list[Sampling], office: str | None, product: str, day: date
) -> None:
    found = rule_of(known, office, product, day)
    wanted = [(office, product), (office, None), (None, product), (None, None)]
    for about in wanted:
        fitting = [
            rule
            for rule in known
            if (rule.office, rule.product) == about
            and rule.valid_from <= day <= (rule.valid_until or date.max)
        ]
        if fitting:
            assert found in fitting
            return
    assert found is None


@few
@given(st.binary(min_size=32, max_size=32), st.uuids(), st.uuids())
def test_a_secret_opens_its_own_link_alone(pepper: bytes, one: UUID, other: UUID) -> None:
    secret = secret_of(pepper, "live", one)
    assert len(secret) == 43
    assert opens(secret, secret_hash(secret))
    assert not opens(secret, secret_hash(secret_of(pepper, "test", one)))
    assert (one == other) == opens(secret, secret_hash(secret_of(pepper, "live", other)))


def test_a_cause_is_asked_about_once() -> None:
    assert (
        invitation_id("case", "x") == invitation_id("case", "x") != invitation_id("delivery", "x")
    )


WRITTEN: dict[str, Category] = {
    "دیر": "delay",
    "طول کشید": "delay",
    "بی‌ادب*": "conduct",
    "شكست*": "damage",
}
KEYWORDS = {folded_keyword(keyword): category for keyword, category in WRITTEN.items()}


def test_words_are_coded_by_whole_words_phrases_and_beginnings() -> None:
    assert coded("خیلی دير آمد", KEYWORDS) == {"delay"}
    assert coded("دیروز آمد", KEYWORDS) == set()  # another word
    assert coded("طول  كشيد، و شکسته بود", KEYWORDS) == {"delay", "damage"}
    assert coded("بی ادبی کرد", KEYWORDS) == coded("بی‌ادب بود", KEYWORDS) == {"conduct"}
    assert coded("کشید طول", KEYWORDS) == set()


@few
@given(words)
def test_keywords_fold_to_themselves_and_queries_are_words(text: str) -> None:
    keyword = folded_keyword(text)
    assert folded_keyword(keyword) == keyword
    if keyword:
        assert coded(text.replace("*", " "), {keyword: "other"}) <= {"other"}
    query = prefix_query(text)
    assert (query is None) == (keyword == "")
    assert query is None or all(part.endswith(":*") for part in query.split(" & "))
