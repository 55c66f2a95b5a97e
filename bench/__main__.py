"""`make bench`: prints each claim as ours / other = ratio, beside its aim."""

import sys

from rich.console import Console
from rich.table import Table

from bench import gateway, measures
from bench.growth import growth
from bench.offices import offices
from bench.pages import pages
from bench.stage import stage

MEASURES = {
    "scans": measures.scans,
    "tracking": measures.tracking,
    "http": measures.tracking_over_http,
    "gateway": gateway.one_process,
    "costs": gateway.costs,
    "bookings": measures.bookings,
    "batches": measures.batch_bookings,
    "offices": offices,
    "growth": growth,
    "pages": pages,
}


def main() -> None:
    chosen = sys.argv[1:] or list(MEASURES)
    rows: list[measures.Row] = []
    with stage() as made:
        for name in chosen:
            print(f"measuring {name} …", flush=True)
            rows += MEASURES[name](made)
    table = Table(title="ratios, both sides in one run")
    for column in ("what", "ours", "other", "unit", "ratio", "aim"):
        table.add_column(column)
    for row in rows:
        table.add_row(
            row.what,
            f"{row.ours:,.0f}",
            f"{row.other:,.0f}",
            row.unit,
            f"{row.ratio:.2f}",
            f"{'≤' if row.most else '≥'} {row.aim:.2f}",
        )
    Console(width=110).print(table)


if __name__ == "__main__":
    main()
