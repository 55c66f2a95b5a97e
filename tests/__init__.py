"""Before anything of Susa is read: a test says what is right, not how quick the machine is."""

import os

os.environ.setdefault("SUSA_PATIENCE", "10")
