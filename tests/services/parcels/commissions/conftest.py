"""The books of a running parcels service."""

import pytest

from tests.services.parcels.accounts.support import Books
from tests.services.parcels.conftest import Parcels


@pytest.fixture
async def books(parcels: Parcels) -> Books:
    return Books(parcels)
