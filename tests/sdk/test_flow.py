"""One core for both clients: sent again when it may be, never twice with two effects."""

from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey

from susa_client import (
    Anyone,
    ApiKey,
    Auth,
    CertificateClient,
    Conflict,
    Invalid,
    Problem,
    RateLimited,
    Retry,
    ServerFault,
    SignedClient,
    TokenUnavailable,
    UnexpectedAnswer,
    Unreachable,
    new_key,
)
from susa_client.auth import read_key
from susa_client.call import Call
from susa_client.flow import Core
from susa_client.models import (
    AboutParcel,
    Complainant,
    NewCase,
    NewParcel,
    Recipient,
    Sender,
)
from susa_client.resources import Complaints, Parcels
from susa_client.retry import PASSING, seconds_asked
from tests.sdk.driving import Driven, answered, refused

BASE = httpx.URL("https://post.example/api")
PARTY = {"name": "مریم احمدی", "phone": "09123456789", "address": "دزفول"}
ORDER = NewParcel(
    product="pishtaz",
    weight_g=450,
    channel="ecommerce",
    origin_office="KZ00007",
    sender=Sender(**PARTY),
    recipient=Recipient(**PARTY, province="khuzestan"),
)
PARCEL = {
    "barcode": "064430000000000000000001",
    "reference": None,
    "status": "booked",
    "product": "pishtaz",
    "channel": "ecommerce",
    "origin_office": "KZ00007",
    "weight_g": 450,
    "price_rials": 57500,
    "tariff_version": "t",
    "promised_at": None,
    "booked_at": "2019-03-21T08:00:00Z",
    "accepted_at": None,
    "ended_at": None,
    "updated_at": "2019-03-21T08:00:00Z",
    "version": 1,
    "newly": "what this version does not know",
}
TOKEN = {"access_token": "t1", "token_type": "Bearer", "expires_in": 600, "scope": "a"}


def core(auth: Auth | None = None, **retry: Any) -> Core:
    return Core(BASE, auth or ApiKey("susa_test_x"), Retry(**{"draw": lambda: 1.0, **retry}))


def book(key: str | None = None) -> Call[Any]:
    return Parcels.book.build(None, ORDER, idempotency_key=key)


def cancel() -> Call[Any]:
    return Parcels.cancel.build(None, "0644/3")


class TestSentAgain:
    @pytest.mark.parametrize(
        "first",
        [
            httpx.ReadTimeout("late"),
            httpx.RemoteProtocolError("cut"),
            refused(503, "unavailable"),
            refused(409, "idempotency_key_in_flight", Retry_After="1"),
            refused(429, "limited", Retry_After="1"),
        ],
    )
    def test_under_the_same_key(self, first: httpx.Response | httpx.TransportError) -> None:
        driven = Driven([first, answered(201, PARCEL)])
        parcel = driven.run(core().exchange(book()))
        assert parcel.price_rials == 57_500
        assert driven.keys()[0] is not None
        assert len(set(driven.keys())) == 1
        assert len(driven.sent) == 2
        # what was not set is not sent: the post's own defaults hold
        assert "cod_rials" not in driven.bodies()[0]

    def test_what_tells_a_form_from_others_is_sent(self) -> None:
        party = Complainant(name="مریم احمدی", phone="09123456789")
        about = AboutParcel(barcode="0644")
        case = NewCase(about=about, category="loss", text="نرسید", complainant=party)
        driven = Driven([refused(422, "invalid")])
        with pytest.raises(Invalid):
            driven.run(core().exchange(Complaints.file.build(None, case)))
        assert driven.bodies()[0]["about"] == {"barcode": "0644", "kind": "parcel"}

    def test_each_call_has_a_key_of_its_own_unless_given(self) -> None:
        keys = []
        for call in (book(), book(), book("order-7")):
            driven = Driven([answered(201, PARCEL)])
            driven.run(core().exchange(call))
            keys += driven.keys()
        assert len(set(keys)) == 3
        assert keys[2] == "order-7"

    @pytest.mark.parametrize(
        ("first", "times"),
        [
            (httpx.ReadTimeout("late"), 1),  # it may have been cancelled
            (refused(503, "unavailable"), 1),
            (httpx.ConnectError("nobody"), 2),  # nothing was sent
            (refused(429, "limited"), 2),  # nothing was begun
        ],
    )
    def test_what_has_no_key_only_where_nothing_was_done(
        self, first: httpx.Response | httpx.TransportError, times: int
    ) -> None:
        driven = Driven([first, answered(200, PARCEL)])
        flow = core().exchange(cancel())
        if times == 1:
            with pytest.raises((Unreachable, ServerFault)):
                driven.run(flow)
        else:
            driven.run(flow)
        assert len(driven.sent) == times
        assert driven.sent[0].url.raw_path == b"/api/v1/parcels/0644%2F3/cancel"
        assert driven.keys() == [None] * times

    def test_refusals_are_final(self) -> None:
        fields = [{"field": "body.weight_g", "message": "too light"}]
        body = {"code": "invalid", "detail": "no", "title": "Invalid", "errors": fields}
        driven = Driven([answered(422, body, X_Request_Id="r1")])
        with pytest.raises(Invalid) as caught:
            driven.run(core().exchange(book()))
        assert (caught.value.code, caught.value.request_id) == ("invalid", "r1")
        assert caught.value.errors[0].field == "body.weight_g"
        with pytest.raises(Conflict):
            Driven([refused(409, "office_not_active")]).run(core().exchange(book()))

    def test_what_is_between_may_say_anything(self) -> None:
        with pytest.raises(Problem) as caught:
            Driven([httpx.Response(418, text="<html>")]).run(core().exchange(book()))
        assert caught.value.code == "http_418"
        with pytest.raises(UnexpectedAnswer):
            Driven([httpx.Response(201, text="<html>")]).run(core().exchange(book()))

    def test_a_longer_wait_than_one_has_time_for_is_the_callers(self) -> None:
        driven = Driven([refused(429, "limited", Retry_After="3600")])
        with pytest.raises(RateLimited) as caught:
            driven.run(core().exchange(book()))
        assert caught.value.retry_after_s == 3600
        assert driven.waited == []


@given(
    script=st.lists(
        st.one_of(
            st.sampled_from(sorted(PASSING)),
            st.just("cut"),
            st.just("refused"),
            st.just("done"),
        ),
        min_size=8,
        max_size=8,
    ),
    attempts=st.integers(1, 6),
)
def test_a_call_ends_after_its_attempts_at_most_and_waits_ever_longer(
    script: list[int | str], attempts: int
) -> None:
    made: dict[str, Callable[[], httpx.Response | httpx.TransportError]] = {
        "cut": lambda: httpx.ReadError("cut"),
        "refused": lambda: refused(422, "invalid"),
        "done": lambda: answered(201, PARCEL),
    }
    answers = [made[one]() if isinstance(one, str) else refused(one, "x") for one in script]
    driven = Driven(answers)
    try:
        driven.run(core(attempts=attempts).exchange(book()))
        ended = "done"
    except Invalid:
        ended = "refused"
    except (Problem, Unreachable):
        ended = "gave up"
    last = len(driven.sent) - 1
    assert len(driven.sent) <= attempts
    assert len(set(driven.keys())) == 1
    assert driven.waited == sorted(driven.waited)
    assert len(driven.waited) == last
    assert not {"done", "refused"} & set(script[:last])
    if ended == "gave up":
        assert last + 1 == attempts
    else:
        assert script[last] == ended


class TestRetryAfter:
    def test_seconds_and_dates(self) -> None:
        now = datetime(2019, 3, 21, 8, 0, tzinfo=UTC)
        later = format_datetime(now.replace(minute=2), usegmt=True)
        assert seconds_asked("7") == 7
        assert seconds_asked(later, now) == 120
        assert seconds_asked(later, now.replace(hour=9)) == 0
        assert [seconds_asked(x) for x in (None, "", "soon", "-1", "٧", "1.5e9")] == [None] * 6

    def test_is_kept_to(self) -> None:
        driven = Driven([refused(503, "shed", Retry_After="5"), answered(201, PARCEL)])
        driven.run(core().exchange(book()))
        assert driven.waited == [5.25]


def signed(key: Any = None) -> tuple[SignedClient, dict[str, Any]]:
    private, public = new_key()
    return SignedClient("client-1", key=key or private, monotonic=lambda: 0.0), public


class TestTokens:
    ABOUT = answered(200, {"issuer": "https://post.example"})

    def test_a_token_is_got_once_and_signed_for(self) -> None:
        auth, public = signed()
        one = Driven([self.ABOUT, answered(200, TOKEN), answered(200, PARCEL)])
        one.run(core(auth).exchange(cancel()))
        form = dict(httpx.QueryParams(one.sent[1].content.decode()))
        assertion = jwt.decode(form["client_assertion"], OKPKey.import_key(public), ["Ed25519"])
        assert assertion.claims["aud"] == "https://post.example"
        assert assertion.claims["iss"] == assertion.claims["sub"] == "client-1"
        assert one.sent[2].headers["Authorization"] == "Bearer t1"
        two = Driven([answered(200, PARCEL)])
        two.run(core(auth).exchange(cancel()))
        assert two.sent[0].headers["Authorization"] == "Bearer t1"

    def test_every_attempt_at_a_token_is_signed_anew(self) -> None:
        auth, _ = signed()
        driven = Driven(
            [self.ABOUT, httpx.ReadTimeout("late"), answered(200, TOKEN), answered(200, PARCEL)]
        )
        driven.run(core(auth).exchange(cancel()))
        assert driven.sent[1].content != driven.sent[2].content

    def test_a_refused_token_is_renewed_once(self) -> None:
        auth, _ = signed()
        renewed = answered(200, {**TOKEN, "access_token": "t2"})
        script = [self.ABOUT, answered(200, TOKEN), refused(401, "unauthenticated"), renewed]
        driven = Driven([*script, answered(200, PARCEL)])
        driven.run(core(auth).exchange(cancel()))
        assert driven.sent[-1].headers["Authorization"] == "Bearer t2"
        again = Driven([refused(401, "unauthenticated"), renewed, refused(401, "unauthenticated")])
        with pytest.raises(Problem, match="unauthenticated"):
            again.run(core(auth).exchange(cancel()))
        with pytest.raises(Problem):  # a key has nothing to renew
            Driven([refused(401, "unauthenticated")]).run(core().exchange(cancel()))

    def test_a_refused_client_is_told(self) -> None:
        auth, _ = signed()
        driven = Driven([self.ABOUT, answered(401, {"error": "invalid_client"})])
        with pytest.raises(TokenUnavailable, match="invalid_client"):
            driven.run(core(auth).exchange(cancel()))

    def test_it_ends_in_time_and_keys_are_of_any_kind(self) -> None:
        at = [0.0]
        auth = CertificateClient("client-2", scope="a", monotonic=lambda: at[0])
        one = Driven([self.ABOUT, answered(200, TOKEN), answered(200, PARCEL)])
        one.run(core(auth).exchange(cancel()))
        form = dict(httpx.QueryParams(one.sent[1].content.decode()))
        assert form == {"grant_type": "client_credentials", "client_id": "client-2", "scope": "a"}
        at[0] = 571.0
        two = Driven([answered(200, TOKEN), answered(200, PARCEL)])
        two.run(core(auth).exchange(cancel()))
        assert len(two.sent) == 2
        for key, algorithm in (
            (ECKey.generate_key("P-256"), "ES256"),
            (RSAKey.generate_key(2048), "PS256"),
        ):
            jwk = key.as_dict(private=True)
            form = SignedClient("c", key=jwk).proof("https://post.example")
            jwt.decode(form["client_assertion"], key, [algorithm])
        with pytest.raises(TypeError):
            read_key(OctKey.generate_key(256).as_dict(private=True))

    def test_secrets_are_not_shown(self) -> None:
        private, _ = new_key()
        shown = repr(SignedClient("c", key=private)) + repr(ApiKey("susa_live_hidden"))
        assert private["d"] not in shown
        assert "hidden" not in shown

    def test_anyone_has_none(self) -> None:
        driven = Driven([answered(200, PARCEL)])
        driven.run(core(Anyone()).exchange(cancel()))
        assert "Authorization" not in driven.sent[0].headers


def test_all_pages_of_a_list_are_read() -> None:
    def page(n: int, following: str | None) -> httpx.Response:
        return answered(200, {"items": [{**PARCEL, "barcode": str(n)}], "next": following})

    driven = Driven([page(1, "c1"), refused(503, "shed"), page(2, "c2"), page(3, None)])
    call = Parcels.list.build(None, status="booked")
    assert [parcel.barcode for parcel in driven.run(core().items(call))] == ["1", "2", "3"]
    cursors = [request.url.params.get("cursor") for request in driven.sent]
    assert cursors == [None, "c1", "c1", "c2"]
    assert {request.url.params["status"] for request in driven.sent} == {"booked"}
