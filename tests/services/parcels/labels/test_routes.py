"""Labels are read back as a scanner reads them; nobody's name becomes markup."""

import base64
import binascii
import re
import zlib
from typing import Any

import pypdfium2
import pytest
import zxingcpp
from PIL import Image

from services.parcels.labels.domain import PPI
from services.parcels.labels.schemas import LABELS_MAX
from tests.services.parcels.conftest import OTHER_SHOP, Parcels

pytestmark = pytest.mark.anyio

DOTS = PPI / 72
"""A dot of the printer is a pixel: at another scale a bar may be read as its neighbour."""
TRICKY = '#strong[الف] $x$ "q" \\ ^XZ ~JA <b> 12-34 *'
LONG = "کوچهٔ هشتم، " * 41


async def printed(parcels: Parcels, barcodes: list[str], **wanted: Any) -> bytes:
    answer = await parcels.client.post(
        "/v1/labels", json={"barcodes": barcodes, **wanted}, headers=parcels.shop()
    )
    assert answer.status_code == 200, answer.text
    return answer.content


def read(image: Image.Image) -> set[tuple[str, str]]:
    return {(found.format.name, found.text) for found in zxingcpp.read_barcodes(image)}


def both(barcodes: list[str]) -> set[tuple[str, str]]:
    return {(kind, code) for kind in ("Code128", "QRCode") for code in barcodes}


def unpacked(zpl: bytes) -> list[Image.Image]:
    """What a printer would put on paper."""
    pages = []
    for size, row, text, crc in re.findall(rb"\^GFA,\d+,(\d+),(\d+),:Z64:(.+?):(\w{4})\^FS", zpl):
        assert binascii.crc_hqx(text, 0) == int(crc, 16)
        data = zlib.decompress(base64.b64decode(text))
        assert len(data) == int(size)
        width = int(row) * 8
        page = Image.frombytes("1", (width, len(data) // int(row)), data)
        pages.append(page.point(lambda ink: 0 if ink else 255).convert("L"))
    return pages


async def test_a_page_a_label_and_four_on_a_sheet(parcels: Parcels) -> None:
    barcodes = await parcels.booked(5)
    a6 = pypdfium2.PdfDocument(await printed(parcels, barcodes))
    assert len(a6) == 5
    assert [round(side / 72 * 25.4) for side in a6[0].get_size()] == [105, 148]
    for page, code in zip(a6, barcodes, strict=True):
        assert read(page.render(scale=DOTS).to_pil()) == both([code])
    a4 = pypdfium2.PdfDocument(await printed(parcels, barcodes, layout="a4"))
    assert [round(side / 72 * 25.4) for side in a4[0].get_size()] == [210, 297]
    assert read(a4[0].render(scale=DOTS).to_pil()) == both(barcodes[:4])
    assert read(a4[1].render(scale=DOTS).to_pil()) == both(barcodes[4:])


async def test_the_printers_code_is_the_same_label(parcels: Parcels) -> None:
    barcodes = await parcels.booked(2, cod_rials=1_250_000)
    zpl = await printed(parcels, barcodes, format="zpl")
    assert zpl.count(b"^XA") == zpl.count(b"^XZ") == 2
    pages = unpacked(zpl)
    assert [read(page) for page in pages] == [both([code]) for code in barcodes]
    assert pages[0].size == (840, 1184)
    one = await parcels.client.get(
        f"/v1/parcels/{barcodes[0]}/label?format=zpl", headers=parcels.shop()
    )
    assert one.headers["content-type"] == "application/vnd.zebra-zpl"
    assert unpacked(one.content)[0].tobytes() == pages[0].tobytes()


async def test_what_people_wrote_stays_text(parcels: Parcels) -> None:
    recipient = parcels.order()["recipient"] | {"name": TRICKY, "address": LONG}
    [barcode] = await parcels.booked(recipient=recipient, reference="ORD-1 ^XZ #x")
    answer = await parcels.client.get(f"/v1/parcels/{barcode}/label", headers=parcels.shop())
    assert answer.headers["content-type"] == "application/pdf"
    [page] = pypdfium2.PdfDocument(answer.content)
    words = page.get_textpage().get_text_bounded()
    for part in ("#strong[", "$x", "XZ", "JA", "12-34", "هشتم"):
        assert part in words, words
    assert read(page.render(scale=DOTS).to_pil()) == both([barcode])
    zpl = await printed(parcels, [barcode], format="zpl")
    assert zpl.count(b"^XZ") == 1  # the picture of those letters, not the command
    assert b"~JA" not in zpl


async def test_five_hundred_in_one_file(parcels: Parcels) -> None:
    barcodes = await parcels.booked(LABELS_MAX)
    pdf = pypdfium2.PdfDocument(await printed(parcels, barcodes))
    assert len(pdf) == LABELS_MAX
    for n in (0, 250, LABELS_MAX - 1):
        assert read(pdf[n].render(scale=DOTS).to_pil()) == both([barcodes[n]])


async def test_ones_own_and_what_is_to_be_sent(parcels: Parcels) -> None:
    mine, cancelled = await parcels.booked(2)
    await parcels.client.post(f"/v1/parcels/{cancelled}/cancel", headers=parcels.shop())
    other = parcels.shop(OTHER_SHOP)
    foreign = await parcels.client.get(f"/v1/parcels/{mine}/label", headers=other)
    absent = await parcels.client.get("/v1/parcels/nothing/label", headers=other)
    assert (foreign.status_code, foreign.json()) == (absent.status_code, absent.json())
    assert foreign.status_code == 404
    stopped = await parcels.client.get(f"/v1/parcels/{cancelled}/label", headers=parcels.shop())
    assert (stopped.status_code, stopped.json()["code"]) == (409, "label_not_available")
    answer = await parcels.client.post(
        "/v1/labels", json={"barcodes": [mine, "x", cancelled]}, headers=parcels.shop()
    )
    assert answer.status_code == 422
    assert [fault["field"] for fault in answer.json()["errors"]] == [
        "body.barcodes.1",
        "body.barcodes.2",
    ]
    sheet = {"barcodes": [mine], "format": "zpl", "layout": "a4"}
    answer = await parcels.client.post("/v1/labels", json=sheet, headers=parcels.shop())
    assert answer.json()["errors"][0]["field"] == "body.layout"
