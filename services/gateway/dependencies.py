"""What the routes of gateway ask for, by name."""

from shared.dependencies import CallerOf, NowOf, RuntimeOf, SessionOf, require
from shared.pagination import PageQuery

Caller = CallerOf
Now = NowOf
Page = PageQuery
Runtime = RuntimeOf
Session = SessionOf

__all__ = ["Caller", "Now", "Page", "Runtime", "Session", "require"]
