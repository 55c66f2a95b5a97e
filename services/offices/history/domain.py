"""Rules of an office's history: what may become of it, and from which day."""

from typing import Literal

Change = Literal["conversion", "relocation", "transfer"]
