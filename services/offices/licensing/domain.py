"""Rules of a licence's life, as tables: what may follow what, and who must have decided it.

Two rules go beyond the tables. `holder_heard`: a licence is suspended or revoked only after its
holder's defence was recorded, or after the day for which the holder was summoned, and since the
licence's last change; an old hearing does not serve a new matter. `appeal_open`: an appeal is
decided once.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, Literal

from services.offices.decisions.domain import Authority
from services.offices.licensing.errors import TransitionNotPossible

AppliedKind = Literal["pishkhan", "rural_ict"]
LicenceKind = Literal["pishkhan", "rural_ict", "subscriber_office", "communication_office"]
LicenceStatus = Literal["active", "suspended", "revoked", "expired"]
Path = Literal["working_group", "regulator"]
Record = Literal["inspect", "summon", "defend", "appeal"]
Verdict = Literal["warn", "suspend", "reinstate", "revoke", "uphold", "overturn", "renew"]
Act = Literal["issue", "import", "expire", "rescind"] | Record | Verdict

PATHS: Final[Mapping[str, Path | None]] = {
    "pishkhan": "working_group",
    "subscriber_office": "working_group",
    "communication_office": "working_group",
    "rural_ict": "regulator",
    "agency": None,
    "post_office": None,
    "sorting_centre": None,
}
"""Who decides on licences of a kind of office; None: it needs no licence."""

LIFE: Final[Mapping[tuple[LicenceStatus | None, Act], LicenceStatus]] = {
    (None, "issue"): "active",
    (None, "import"): "active",
    ("active", "inspect"): "active",
    ("active", "summon"): "active",
    ("active", "defend"): "active",
    ("active", "warn"): "active",
    ("active", "renew"): "active",
    ("active", "suspend"): "suspended",
    ("active", "revoke"): "revoked",
    ("active", "expire"): "expired",
    ("suspended", "inspect"): "suspended",
    ("suspended", "summon"): "suspended",
    ("suspended", "defend"): "suspended",
    ("suspended", "warn"): "suspended",
    ("suspended", "appeal"): "suspended",
    ("suspended", "uphold"): "suspended",
    ("suspended", "overturn"): "active",
    ("suspended", "reinstate"): "active",
    ("suspended", "revoke"): "revoked",
    ("revoked", "appeal"): "revoked",
    ("revoked", "uphold"): "revoked",
    ("revoked", "overturn"): "active",
    ("expired", "renew"): "active",
    ("active", "rescind"): "active",
    ("suspended", "rescind"): "suspended",
    ("revoked", "rescind"): "revoked",
    ("expired", "rescind"): "expired",
}
"""A suspended licence does not expire: it would else leave its suspension behind."""

_CLERK: Final = frozenset[Authority]({"clerk"})
_REGULATOR: Final = frozenset[Authority]({"regulator"})
_GROUP: Final = frozenset[Authority]({"working_group"})

AUTHORITIES: Final[Mapping[Path, Mapping[Act, frozenset[Authority]]]] = {
    "working_group": {
        "issue": _REGULATOR,
        "import": frozenset({"paper"}),
        "inspect": _CLERK,
        "summon": _CLERK,
        "defend": _CLERK,
        "appeal": _CLERK,
        "warn": _GROUP | _REGULATOR,
        "suspend": _GROUP,
        "reinstate": _GROUP,
        "revoke": _GROUP,
        "uphold": _GROUP,
        "overturn": _GROUP,
        "renew": _REGULATOR,
        "rescind": _GROUP | _REGULATOR,
        "expire": frozenset({"clock"}),
    },
    "regulator": {
        "issue": _REGULATOR,
        "import": frozenset({"paper"}),
        "inspect": _CLERK,
        "summon": _CLERK,
        "defend": _CLERK,
        "appeal": _CLERK,
        "warn": _REGULATOR,
        "suspend": _REGULATOR,
        "reinstate": _REGULATOR,
        "revoke": _REGULATOR,
        "uphold": _REGULATOR,
        "overturn": _REGULATOR,
        "renew": _REGULATOR,
        "rescind": _REGULATOR,
        "expire": frozenset({"clock"}),
    },
}
"""On whose authority each act rests: the group's adopted item, the regulator's letter, a record."""

HEARING_NEEDED: Final = frozenset[Act]({"suspend", "revoke"})
STOPPED: Final = frozenset[LicenceStatus]({"suspended", "revoked"})
_ENDS_A_MATTER: Final = frozenset[str](
    {"issue", "import", "suspend", "reinstate", "revoke", "overturn", "renew", "expire"}
)
_SETTLES_AN_APPEAL: Final = _ENDS_A_MATTER | {"uphold"}


@dataclass(frozen=True, slots=True)
class Past:
    """A decision that was made before, in the order they were made."""

    act: str
    decided_at: datetime
    hearing_on: date | None = None


@dataclass(frozen=True, slots=True)
class Pending:
    """A decision that is yet to take effect."""

    act: Act
    effective_from: datetime


def follow(status: LicenceStatus | None, act: Act) -> LicenceStatus:
    """The status after an act, or why there is none."""
    after = LIFE.get((status, act))
    if after is None:
        raise TransitionNotPossible(f"{act}: the licence is {status} then")
    return after


def project(status: LicenceStatus, pending: Sequence[Pending], at: datetime) -> LicenceStatus:
    """The status at an instant by what is decided; what is impossible by then lapses."""
    for each in pending:
        if each.effective_from <= at:
            status = LIFE.get((status, each.act), status)
    return status


def matters(path: Path | None, status: LicenceStatus) -> list[str]:
    """What the working group may be asked about a licence."""
    if path is None:
        return []
    of_group = (act for act, by in AUTHORITIES[path].items() if "working_group" in by)
    return sorted(act for act in of_group if (status, act) in LIFE)


def holder_heard(history: Sequence[Past], today: date) -> bool:
    """Whether the holder answered, or was summoned for a day that has passed, in this matter."""
    for past in reversed(history):
        if past.act in _ENDS_A_MATTER:
            return False
        if past.act == "defend":
            return True
        if past.act == "summon" and past.hearing_on is not None and past.hearing_on < today:
            return True
    return False


def appeal_open(history: Sequence[Past]) -> bool:
    for past in reversed(history):
        if past.act in _SETTLES_AN_APPEAL:
            return False
        if past.act == "appeal":
            return True
    return False


def has_expired(status: LicenceStatus, valid_until: date | None, today: date) -> bool:
    return status == "active" and valid_until is not None and valid_until < today
