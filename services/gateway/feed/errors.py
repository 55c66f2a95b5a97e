"""Refusals of a partner's feed. Each names where to go on."""

from shared.errors import Conflict, Gone


class EventsTrimmed(Gone):
    code, title = "cursor_expired", "The feed no longer has these events"


class FeedRestarted(Gone):
    code, title = "feed_restarted", "The feed is another one than you read before"


class AheadOfFeed(Conflict):
    code, title = "cursor_ahead", "Your feed has not come so far"
