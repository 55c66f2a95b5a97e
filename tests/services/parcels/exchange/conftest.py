"""Bags to be exchanged."""

import pytest

from tests.services.parcels.bags.conftest import Bags
from tests.services.parcels.conftest import Parcels


@pytest.fixture
def bags(parcels: Parcels) -> Bags:
    return Bags(parcels)
