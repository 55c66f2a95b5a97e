"""Refusals of next hops."""

from shared.errors import NotFound


class NoNextHops(NotFound):
    code, title = "no_next_hops", "No next hops of that version"
