"""What is measured, each against the least that must be done anyway, in milliseconds."""

from __future__ import annotations

import itertools
import os
import time
from collections.abc import Iterator
from datetime import timedelta
from hashlib import sha256
from statistics import median
from typing import Any
from uuid import uuid4

import rfc8785
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.db import connections, transaction

from benchmarks.labels import against_engine, full_trial, one_sheet
from benchmarks.measure import Measure, milliseconds
from immunosep_site.demonstration import cast, play
from immunosep_site.demonstration.fixtures import FIXTURES
from immunosep_site.demonstration.small_trial import set_up
from randomization.accounts.roles import Role
from randomization.audit.chain import first_fault
from randomization.audit.selectors import stream_events
from randomization.blinded.allocation.models import AllocationList
from randomization.blinded.allocation.services import allocate
from randomization.blinded.allocation.services.allocate import Allocate
from randomization.blinded.bedside.models import Dose
from randomization.blinded.sites.site_file import load_sites
from randomization.shared import clock
from randomization.shared.actor import SYSTEM
from randomization.shared.service import Side, on_side
from randomization.signatures.services.sign import give_grant, use_signature
from randomization.unblinded.lists.models import SealedSlot
from randomization.unblinded.lists.services.generate_lists import generate_lists

SITE = "GR01"
ROUNDS = 40
WARM_UP = 15


def lists() -> Iterator[Measure]:
    """33 lists of 1,000 generated, sealed and stored, against sealing plus bulk insert of the same bytes."""
    codes = [entry.code for entry in load_sites(FIXTURES / "sites.toml")]
    before = SealedSlot.objects.count()
    ours = milliseconds(lambda: generate_lists(actor=SYSTEM, site_codes=codes, length=1000, reserves=0))
    count = SealedSlot.objects.count() - before

    def floor() -> None:
        rows = []
        for position in range(count):
            cipher = AESGCM(b"k" * 32)
            nonce = os.urandom(12)
            sealed = nonce + cipher.encrypt(nonce, b"a" + os.urandom(32), b"associated data of some eighty bytes" * 2)
            rows.append(
                SealedSlot(
                    uid=uuid4(),
                    list_id=some_list,
                    position=10**6 + position,
                    kit_code=f"{position:08d}",
                    sealed=sealed,
                )
            )
        with transaction.atomic():
            SealedSlot.objects.bulk_create(rows, batch_size=2000)
            transaction.set_rollback(True)

    some_list = SealedSlot.objects.values_list("list_id", flat=True)[0]
    yield Measure(f"lists: 33 x 1,000 sealed and stored ({count} slots), ms", ours, milliseconds(floor), "3")


def _eligible(count: int) -> list[str]:
    cases = [play.Case(SITE, year_of_birth=1920 + order % 80) for order in range(count)]
    numbers = [play.screen(case).number for case in cases]
    for number, case in zip(numbers, cases, strict=True):
        play.measure(number, case)
    play.pass_hatch()
    for number in numbers:
        play.confirm(number, SITE)
    return numbers


def _allocate(number: str) -> float:
    """One allocation, signature apart: what taking the grant costs is subtracted."""
    actor = cast.at_site(Role.COORDINATOR, SITE)
    clearance = play.clearance_of(play.Case(SITE), clock.now() - timedelta(hours=1))
    taken: list[float] = []

    def timed(**fields: Any) -> Any:
        started = time.perf_counter()
        signature = use_signature(**fields)
        taken.append((time.perf_counter() - started) * 1000)
        return signature

    vars(allocate)["use_signature"] = timed
    with on_side(Side.BLINDED):
        command = Allocate(number, clearance)
        grant = give_grant(actor=actor, command=command, trained_for="1")
        whole = milliseconds(lambda: allocate.allocate(actor=actor, command=command, grant=grant))
    return whole - sum(taken)


def _bare(turn: int) -> float:
    """The bare transaction: reads, locks and rows of an allocation by plain SQL, committed.

    Without the two rows that are bound to one participant for good (allocation and course).
    """
    connection = connections["blinded"]
    with connection.cursor() as cursor:
        course, person = cursor.execute("SELECT uid, participant_id FROM bedside_course LIMIT 1").fetchone()
    now = "2026-01-01 00:00:00"
    doses = [(uuid4().hex, course, "IV", 1000 + 53 * turn + order, now, "planned") for order in range(53)]

    def run() -> None:
        with transaction.atomic(using="blinded"), connection.cursor() as cursor:
            cursor.execute("SELECT * FROM screening_participant WHERE uid = %s", [person])
            cursor.execute("SELECT * FROM allocation_allocationlist WHERE site_id = %s AND state = 'open'", [SITE])
            cursor.execute("SELECT uid, kit_code FROM allocation_slot WHERE position = %s LIMIT 1", [3])
            cursor.execute(
                "UPDATE allocation_allocationlist SET next_position = next_position WHERE site_id = %s", [SITE]
            )
            statement = "INSERT INTO bedside_dose (uid, course_id, route, number, planned_at, state) VALUES "
            cursor.execute(statement + ",".join(["(%s,%s,%s,%s,%s,%s)"] * 53), list(itertools.chain(*doses)))
            cursor.execute(
                "INSERT INTO bedside_clearance "
                "(participant_id, value_ml_min, method, sampled_at, recorded_by, recorded_at) "
                "VALUES (%s, 80, 'measured', %s, 'bench', %s)",
                [person, now, now],
            )
            cursor.execute("UPDATE screening_participant SET state = state WHERE uid = %s", [person])
            cursor.execute("SELECT seq, head FROM audit_stream WHERE name = %s", [SITE])
            cursor.execute(
                "INSERT INTO audit_event (stream, seq, at, actor, role, action, subject, data, previous, hash) "
                "VALUES ('BENCH', %s, %s, 'bench', 'bench', 'bench', 'bench', %s, %s, %s)",
                [turn, now, "x" * 400, "0" * 64, "0" * 64],
            )
            cursor.execute("UPDATE audit_stream SET seq = seq WHERE name = %s", [SITE])
            cursor.execute(
                "INSERT INTO notices_entry "
                "(uid, channel, kind, site_code, roles, payload, created_at, deliver_at, tie) "
                "VALUES (%s, 'people', 'bench', %s, '', '{}', %s, %s, '')",
                [uuid4().hex, SITE, now, now],
            )

    return milliseconds(run)


def _grow_list(length: int) -> None:
    """Lengthen the open list's tail to `length` positions, as a list sealed at that length has."""
    entry = AllocationList.objects.get(site_id=SITE, state="open")
    with connections["blinded"].cursor() as cursor:
        cursor.execute(
            "WITH RECURSIVE n(i) AS (SELECT %s UNION ALL SELECT i + 1 FROM n WHERE i < %s) "
            "INSERT INTO allocation_slot (uid, list_id, position, kit_code) "
            "SELECT lower(hex(randomblob(16))), %s, i, printf('%%08d', i) FROM n",
            [entry.length + 1, length, entry.uid.hex],
        )
    AllocationList.objects.filter(uid=entry.uid).update(length=length)


def _grow_participants(count: int) -> None:
    with connections["blinded"].cursor() as cursor:
        cursor.execute(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %s) "
            'INSERT INTO screening_participant (uid, number, home_id, site_id, "order", sepsis_at, screened_at, state, '
            "person_uid) SELECT lower(hex(randomblob(16))), printf('GR02-%%07d', i), 'GR02', 'GR02', i, '2026-01-01', "
            "'2026-01-01', 'not_eligible', lower(hex(randomblob(16))) FROM n",
            [count],
        )


def allocations() -> Iterator[Measure]:
    """One allocation, signature apart, against a bare transaction of the same rows; then with more of everything."""
    numbers = iter(_eligible(3 * ROUNDS + WARM_UP))
    for _turn in range(WARM_UP):
        _allocate(next(numbers))
    pairs = [(_allocate(next(numbers)), _bare(turn)) for turn in range(1, ROUNDS + 1)]
    base, floor = median(pair[0] for pair in pairs), median(pair[1] for pair in pairs)
    yield Measure("allocation, ms", base, floor, "5")
    _grow_list(100_000)
    yield Measure(
        "allocation from a list of 100,000, ms (floor: short list)",
        median(_allocate(next(numbers)) for _turn in range(ROUNDS)),
        base,
        "1",
    )
    _grow_participants(1_000_000)
    yield Measure(
        "allocation beside 1,000,000 participants, ms (floor: few)",
        median(_allocate(next(numbers)) for _turn in range(ROUNDS)),
        base,
        "1",
    )


def chain() -> Iterator[Measure]:
    """Verify a chain, against canonical JSON plus SHA-256 of the same events (microseconds an event)."""
    with on_side(Side.BLINDED):
        events = list(stream_events(SITE))

    def floor() -> None:
        for event in events:
            sha256(rfc8785.dumps({key: value for key, value in event.items() if key != "hash"})).hexdigest()

    ours = min(milliseconds(lambda: first_fault(SITE, events, head=None)) for _turn in range(5))
    least = min(milliseconds(floor) for _turn in range(5))
    yield Measure("audit: verify an event, microseconds", ours * 1000 / len(events), least * 1000 / len(events), "3")


def all_measures() -> Iterator[Measure]:
    """Set up once, then measure."""
    set_up([SITE, "GR02"], length=400)
    for measure in (one_sheet, full_trial, allocations, chain, against_engine):
        yield from measure()
    from randomization.blinded.sites.services.register_sites import register_sites

    register_sites(actor=SYSTEM, entries=load_sites(FIXTURES / "sites.toml"))
    yield from lists()
    assert Dose.objects.exists()
