"""Random steps of a whole post; after them custody, counts, promises and every rial agree.

A step is one act drawn at random: a request, or the same from several terminals at once, or the
clock or the worker's timers moving on. The consumers then catch up and the audits run.
"""

import os
from collections.abc import Awaitable, Callable
from typing import Any, Final

import pytest

from tests.conftest import Serve
from tests.services.parcels.conftest import Parcels, office_event
from tests.services.parcels.decisions import Decisions
from tests.services.parcels.whole_post import opened

pytestmark = pytest.mark.anyio

SOAK: Final = os.environ.get("SUSA_SOAK") == "1"
STEPS: Final = 200 if SOAK else 60
POSTS: Final = 100 if SOAK else 1
FIRST: Final = 100 if SOAK else 0


def acts(of: Decisions) -> list[Callable[[], Awaitable[Any]]]:
    often = (of.go_on, of.go_on, of.go_on, of.scan, of.later)
    moving = (of.book, of.book_many, of.again, of.pack, of.scan_bag, of.open_bag, of.tick)
    rounds = (of.plan, of.on_a_run, of.deliver, of.deliver, of.attempt, of.declare)
    money = (of.measure, of.hand_in, of.close_drawer, of.settle, of.pay, of.rule)
    seldom = (
        *(of.cancel, of.new_bag, of.dispatch, of.hand_over, of.pre_advise, of.manifest),
        *(of.on_a_manifest, of.pickup, of.on_a_pickup, of.destroy, of.customer_return, of.lose),
        *(of.find, of.on_a_discrepancy, of.instruct, of.force_majeure, of.top_up, of.limit),
        *(of.deduct,),
    )
    return [*often * 4, *moving * 3, *rounds * 2, *money * 2, *seldom]


async def live(parcels: Parcels, seed: int, *, steps: int, check_every: int) -> Decisions:
    post = await opened(parcels, seed)
    life = Decisions(post)
    drawn = acts(life)
    await life.book_many()
    taken: list[str] = []
    for n in range(1, steps + 1):
        act = post.rng.choice(drawn)
        taken.append(act.__name__)
        try:
            await act()
            if n % check_every == 0 or n == steps:
                await post.check()
        except BaseException as error:
            error.add_note(f"seed {seed}, step {n}: {' '.join(taken[-12:])}")
            raise
    return life


@pytest.fixture
async def sms_parcels(serve: Serve, tmp_path: Any) -> Parcels:
    """With somebody who carries messages, so that their consumer runs too."""
    made = Parcels(await serve("parcels", settings={"sms": str(tmp_path / "sms.jsonl")}))
    await made.follow(*(office_event(n) for n in range(1, 4)))
    return made


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(FIRST, FIRST + POSTS))
async def test_a_post_lives_and_everything_agrees(sms_parcels: Parcels, seed: int) -> None:
    """In the soak 100 posts of 200 steps, each audited."""
    await live(sms_parcels, seed, steps=STEPS, check_every=1 if SOAK else 6)
