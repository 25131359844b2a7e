"""A process that changes one case again and again, until it is killed: ``editor_child.py URL CASE SEED``."""

import asyncio
import random
import sys

from frontdesk import CaseStatus, Store
from frontdesk_cases.cases import Actor, Priority
from frontdesk_cases.changes import CaseError, Change, ConflictError, SetPriority, SetStatus, SetTags, SetTeam

from tests.plugins.cases.office import Office, open_office


async def edit(url: str, case_id: int, seed: int) -> None:
    """Make changes, notes and answers; say a word on each that was stored, and on each that was refused."""
    store = Store(url)
    await store.connect()
    office, chance, me = await open_office(store), random.Random(seed), Actor(f"discord:{seed}", f"Editor {seed}")
    while True:
        case = await office.case(case_id)
        possible: list[Change] = [
            SetPriority(chance.choice(list(Priority))),
            SetStatus(chance.choice(list(CaseStatus))),
            SetTags((f"tag {chance.randrange(5)}",)),
            SetTeam(f"team {chance.randrange(5)}"),
        ]
        change = chance.choice(possible)
        try:
            await _once(office, case_id, change, me, case.version, answers=chance.random() < 0.3)
        except ConflictError:
            print("conflict", flush=True)
        except CaseError:
            continue
        else:
            print("stored", flush=True)


async def _once(office: Office, case_id: int, change: Change, me: Actor, version: int, *, answers: bool) -> None:
    if answers:
        await office.work.answer(case_id, "An answer", me, [change], version=version)
    else:
        await office.work.change(case_id, [change], me, version=version)


if __name__ == "__main__":
    asyncio.run(edit(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))
