"""What the tracking page costs: beside the JSON that it shows, and over the wire in all."""

import asyncio
import itertools
import re
import statistics
from typing import Final

import httpx

from bench import load
from bench.measures import Row, tracked
from bench.stage import Stage, free_port

ROUNDS: Final = 4
SECONDS: Final = 2.0
WEIGHT_MAX: Final = 100_000
FILES: Final = re.compile(r'(?:href|src)="(/static/[^"]+)"')


def pages(stage: Stage) -> list[Row]:
    """One reader at a time, medians of rounds in turn; the page asks for both JSONs at once."""
    port = free_port()
    with stage.running(("serve", "all", "--port", str(port)), ports={port: "/livez"}):
        barcodes = tracked(stage, port)
        templates = ("/track/{}", "/v1/tracking/{}", "/v1/parcels/{}/eta")
        found: dict[str, list[float]] = {template: [] for template in templates}
        for template in templates:
            _median_us(port, template, barcodes, 0.5)
        for _, template in itertools.product(range(ROUNDS), templates):
            found[template].append(_median_us(port, template, barcodes, SECONDS))
        weight = _weight(port, f"/track/{barcodes[0]}")
    page, told, eta = (statistics.mean(found[template]) for template in templates)
    return [
        Row("tracking page / its JSON, tracking and ETA", page, told + eta, "µs", 2.0, most=True),
        Row("tracking page with its files / 100 kB", weight, WEIGHT_MAX, "bytes", 1.0, most=True),
    ]


def _median_us(port: int, template: str, barcodes: list[str], seconds: float) -> float:
    wires = itertools.cycle([load.request("GET", template.format(one)) for one in barcodes])
    result = asyncio.run(load.run(port, wires, connections=1, ok=b"200", seconds=seconds))
    assert result.failed == 0, f"{template}: {result.failed} requests failed"
    return statistics.median(result.latencies_s) * 1e6


def _weight(port: int, path: str) -> int:
    """Bytes of the page and of each file that it names, as they go over the wire."""
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client:

        def size(address: str) -> int:
            with client.stream("GET", address) as answer:
                answer.raise_for_status()
                return sum(len(chunk) for chunk in answer.iter_raw())

        return size(path) + sum(size(file) for file in set(FILES.findall(client.get(path).text)))
