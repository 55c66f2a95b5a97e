"""Rules of a licence's life, as one table."""

from typing import Literal

Authority = Literal["working_group", "regulator", "clerk", "paper", "clock"]
Effect = Literal["applied", "lapsed", "rescinded"]
AppliedKind = Literal["pishkhan", "rural_ict"]
LicenceKind = Literal["pishkhan", "rural_ict", "subscriber_office", "communication_office"]
LicenceStatus = Literal["active", "suspended", "revoked", "expired"]
