"""Tracking in two languages, and not twice to who has it already."""

import pytest

from tests.services.parcels.conftest import Parcels

pytestmark = pytest.mark.anyio


async def test_persian_first_english_on_request(parcels: Parcels) -> None:
    [barcode] = await parcels.booked()
    await parcels.results(parcels.one(barcode, "acceptance"))
    url = f"/v1/tracking/{barcode}"
    english = {"Accept-Language": "en-GB, fa;q=0.5"}

    for path, headers, language, status, town in (
        (url, {}, "fa", "پذیرش شد", "دزفول"),
        (url, english, "en", "Accepted by the post", "Dezful"),
        (f"{url}?lang=en", {}, "en", "Accepted by the post", "Dezful"),
        (f"{url}?lang=fa", english, "fa", "پذیرش شد", "دزفول"),
        (url, {"Accept-Language": "de, ;;q=x"}, "fa", "پذیرش شد", "دزفول"),
    ):
        answer = await parcels.client.get(path, headers=headers)
        body = answer.json()
        assert answer.headers["content-language"] == language
        assert answer.headers["vary"] == "accept-language"
        assert (body["status"], body["status_text"]) == ("accepted", status)
        assert body["events"][0]["town"] == town

    many = await parcels.client.post(
        "/v1/tracking", json={"barcodes": [barcode]}, headers={"Accept-Language": "en"}
    )
    assert many.headers["content-language"] == "en"
    told = many.json()["results"][0]["tracking"]["events"][0]
    assert told["text"] == "Accepted at a post office"
    assert (await parcels.client.get(f"{url}?lang=de")).status_code == 422


async def test_a_known_answer_is_not_sent_again(parcels: Parcels) -> None:
    [barcode] = await parcels.booked()
    url = f"/v1/tracking/{barcode}"
    first = await parcels.client.get(url)
    tag = first.headers["etag"]

    for known in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        again = await parcels.client.get(url, headers={"If-None-Match": known})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == tag
    other = await parcels.client.get(f"{url}?lang=en", headers={"If-None-Match": tag})
    assert other.status_code == 200  # another language is another answer

    await parcels.results(parcels.one(barcode, "acceptance"))
    changed = await parcels.client.get(url, headers={"If-None-Match": tag})
    assert changed.status_code == 200
    assert changed.json()["status"] == "accepted"
    unknown = await parcels.client.get("/v1/tracking/1", headers={"If-None-Match": "*"})
    assert unknown.status_code == 404
