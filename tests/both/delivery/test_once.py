"""The same act sent twice is done once: under the key of a form, under `Idempotency-Key`, and at the same moment."""

from __future__ import annotations

import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.test import RequestFactory

from immunosep_site.demonstration import cast
from randomization.accounts.roles import Role
from randomization.audit.models import Event
from randomization.audit.record import record
from randomization.delivery.models import OneTimeKey
from randomization.delivery.one_time_keys import Answer, Sent, sent_by_client, sent_by_form
from randomization.delivery.selectors import answer_to
from randomization.delivery.services.act_once import act_once
from randomization.shared import clock
from randomization.shared.errors import InvalidInput, ProgrammingError, Refused
from randomization.shared.service import Side, alias_of
from randomization.signatures.signing import sign
from randomization.unblinded.codebreak.services.break_code import Rehearse
from tests.both.databases import ROOT, Pair, fresh_pair

PHARMACIST = cast.at_site(Role.PHARMACIST, "GR01")
OTHER = cast.at_site(Role.PHARMACIST, "GR02")
SENT = Sent("key-of-a-form", "ab" * 32)


class Acts:
    """An act that counts how often it is done."""

    def __init__(self, *, fails: bool = False) -> None:
        self.count, self.fails = 0, fails
        self.answer = Answer(302, "/pharmacy/stock/")

    def __call__(self) -> Answer:
        self.count += 1
        record(actor=PHARMACIST, action="test.act", subject="GR01")
        if self.fails:
            raise Refused("Not now.")
        return self.answer


def test_the_second_time_the_first_answer_is_given_and_nothing_is_done(trial: None) -> None:
    act = Acts()
    for _turn in range(3):
        assert act_once(actor=PHARMACIST, sent=SENT, act=act) == act.answer
    assert act.count == 1
    assert Event.objects.filter(action="test.act").count() == 1
    assert answer_to(PHARMACIST, SENT) == act.answer


def test_other_content_under_the_key_is_refused_and_somebody_elses_key_is_another(trial: None) -> None:
    act_once(actor=PHARMACIST, sent=SENT, act=Acts())
    other, again = Sent(SENT.key, "cd" * 32), Acts()
    with pytest.raises(InvalidInput, match="with other values") as refused:
        act_once(actor=PHARMACIST, sent=other, act=again)
    assert refused.value.code == "key_reused"
    with pytest.raises(InvalidInput, match="with other values"):
        answer_to(PHARMACIST, other)
    assert again.count == 0
    act_once(actor=OTHER, sent=other, act=again)
    assert again.count == 1


def test_what_was_refused_leaves_no_key_and_can_be_sent_again(trial: None) -> None:
    act = Acts(fails=True)
    with pytest.raises(Refused):
        act_once(actor=PHARMACIST, sent=SENT, act=act)
    assert not OneTimeKey.objects.exists()
    assert not Event.objects.filter(action="test.act").exists()
    act.fails = False
    assert act_once(actor=PHARMACIST, sent=SENT, act=act) == act.answer


def test_a_question_that_does_nothing_yet_leaves_the_key_free(trial: None) -> None:
    assert act_once(actor=PHARMACIST, sent=SENT, act=lambda: None) is None
    assert not OneTimeKey.objects.exists()
    act = Acts()
    assert act_once(actor=PHARMACIST, sent=SENT, act=act) == act.answer


def test_an_act_that_writes_without_recording_is_still_refused(trial: None) -> None:
    def silent() -> Answer:
        OneTimeKey.objects.create(user_name="x", key="y" * 8, content_hash="z", kept_at=clock.now())
        return Answer(200, "")

    with pytest.raises(ProgrammingError, match="without recording"):
        act_once(actor=PHARMACIST, sent=SENT, act=silent)
    assert not OneTimeKey.objects.exists()


def test_keys_are_over_after_a_day_and_dropped(trial: None) -> None:
    act = Acts()
    with time_machine.travel(clock.now(), tick=False) as traveller:
        act_once(actor=PHARMACIST, sent=SENT, act=act)
        act_once(actor=OTHER, sent=SENT, act=act)
        traveller.shift(timedelta(hours=settings.ONE_TIME_KEY_HOURS, microseconds=-1))
        act_once(actor=PHARMACIST, sent=SENT, act=act)
        assert act.count == 2
        traveller.shift(timedelta(microseconds=1))
        assert answer_to(PHARMACIST, SENT) is None
        act_once(actor=PHARMACIST, sent=SENT, act=act)
        assert act.count == 3
    assert list(OneTimeKey.objects.values_list("user_name", flat=True)) == [PHARMACIST.user_name]


def test_keys_and_answers_lie_on_the_side_of_the_act_alone(trial: None) -> None:
    act_once(actor=PHARMACIST, sent=SENT, act=Acts())
    assert OneTimeKey.objects.using(alias_of(Side.UNBLINDED)).count() == 1
    assert OneTimeKey.objects.using(alias_of(Side.BLINDED)).count() == 0


def test_a_signature_is_taken_before_the_act_so_that_a_wrong_password_counts(trial: None) -> None:
    def signing() -> Answer:
        sign(actor=PHARMACIST, secret="wrong", command=Rehearse("GR01", "x"))
        raise AssertionError

    with pytest.raises(ProgrammingError, match="Sign before the act"):
        act_once(actor=PHARMACIST, sent=SENT, act=signing)


def form(**values: str) -> Any:
    sent = sent_by_form(PHARMACIST, RequestFactory().post("/pharmacy/x/", {"one_time_key": "k" * 8, **values}))
    assert sent is not None
    return sent.content_hash


def body(data: Any, *, path: str = "/api/v1/x/", method: str = "POST", actor: Any = PHARMACIST) -> str:
    request = RequestFactory().generic(method, path, HTTP_IDEMPOTENCY_KEY="k" * 8)
    sent = sent_by_client(actor, request, data)
    assert sent is not None
    return sent.content_hash


@pytest.mark.parametrize(
    ("first", "two", "same"),
    [
        ({"units": "3"}, {"units": "3"}, True),
        ({"units": "3"}, {"units": "4"}, False),
        ({"units": "3"}, {"units": "3", "reason": "x"}, False),
        ({"units": "3", "secret": "a"}, {"units": "3", "secret": "b"}, True),
        ({"units": "3", "witness_password": "a"}, {"units": "3", "witness_password": "b"}, True),
        ({"units": "3", "csrfmiddlewaretoken": "a"}, {"units": "3", "csrfmiddlewaretoken": "b"}, True),
    ],
)
def test_what_is_the_same_form_and_no_password_is_part_of_it(
    first: dict[str, str], two: dict[str, str], same: bool
) -> None:
    assert (form(**first) == form(**two)) is same
    assert (body(first) == body(two)) is same


def test_the_same_body_elsewhere_or_by_somebody_else_is_another_act() -> None:
    data = {"units": 3, "signature": {"user_name": "x", "secret": "a"}}
    hashes = {
        body(data),
        body(data, path="/api/v1/y/"),
        body(data, method="PUT"),
        body(data, actor=OTHER),
        body({"units": 3}),
        body([data]),
    }
    assert len(hashes) == 6
    assert body(data) == body({"signature": {"secret": "b", "user_name": "x"}, "units": 3})


@pytest.mark.parametrize("key", ["short", "x" * 65, "with blank key", "Κλειδί-12345"])
def test_a_key_that_cannot_be_one_is_refused(key: str) -> None:
    with pytest.raises(InvalidInput, match="8 to 64") as refused:
        sent_by_form(PHARMACIST, RequestFactory().post("/x/", {"one_time_key": key}))
    assert refused.value.code == "key_malformed"
    assert sent_by_form(PHARMACIST, RequestFactory().post("/x/", {})) is None


@pytest.mark.parametrize("processes", [5])
def test_doubles_at_the_same_moment_are_done_once_and_get_one_answer(
    template: Pair, tmp_path: Path, processes: int
) -> None:
    """Processes of their own, on the engine of the run; another content under the key is refused by the constraint."""
    with fresh_pair(tmp_path, "doubles", template=template) as pair:
        contents = ["ab" * 32] * processes + ["cd" * 32]
        running = [
            subprocess.Popen(
                [sys.executable, "-m", "tests.both.delivery.doubles", "key-of-many", content],
                cwd=ROOT,
                text=True,
                env=pair.environment("unblinded"),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
            )
            for content in contents
        ]
        for process in running:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
        for process in running:
            assert process.stdin is not None
            process.stdin.write("go\n")
            process.stdin.flush()
        answers = [process.communicate(timeout=60)[0].strip() for process in running]
        same = [answer for answer in answers if answer != "key_reused"]
        assert len(set(same)) == 1, answers
        assert len(same) in {processes, 1}, answers
        count = "from randomization.audit.models import Event; print(Event.objects.count())"
        done = pair.run("unblinded", "-c", f"import django; django.setup(); {count}")
        assert done.stdout.strip() == "1"
