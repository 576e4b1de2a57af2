"""A check of the trail: no false alarm on a working system, and words that say what was covered and against what."""

from __future__ import annotations

import json
import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connections

from immunosep_site.demonstration import play
from immunosep_site.demonstration.play import Case
from randomization.audit.models import Event
from randomization.audit.selectors import stream_events, streams
from randomization.audit.triggers import install
from randomization.shared.service import Side, on_side
from tests.both.databases import ROOT, Pair, fresh_pair
from tests.conftest import tampering
from tests.unblinded.lists.untriggered import untriggered

WRITER = """
import sys, time
import django; django.setup()
from pathlib import Path
from randomization.audit.record import record
from randomization.shared.actor import SYSTEM, Actor
from randomization.shared.service import service

@service
def append(*, actor: Actor, stream: str) -> None:
    record(actor=actor, action="test.append", subject="x", stream=stream, texts={"reason": "because"})

for turn in range(300):
    append(actor=SYSTEM, stream=f"GR{turn % 5:02}")
print("ready", flush=True)
end = Path(sys.argv[1])
while not end.exists():
    for turn in range(5):
        append(actor=SYSTEM, stream=f"GR{turn:02}")
"""
READER = """
import django; django.setup()
from randomization.audit.selectors import verify_all
counts = []
for _ in range(12):
    count, faults = verify_all()
    assert faults == [], faults
    counts.append(count)
print(counts[0], counts[-1])
"""


@pytest.mark.requirement("R26")
def test_events_that_are_appended_meanwhile_are_no_fault(template: Pair, tmp_path: Path) -> None:
    """A process that writes without a pause, in five chains, while the trail is checked twelve times."""
    end = tmp_path / "end"
    with fresh_pair(tmp_path / "var", "covered", template=template) as pair:
        writer = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(end)],
            env=pair.environment("blinded"),
            cwd=ROOT,
            text=True,
            stdout=subprocess.PIPE,
        )
        try:
            assert writer.stdout is not None
            assert writer.stdout.readline() == "ready\n"
            first, last = (int(word) for word in pair.run("blinded", "-c", READER).stdout.split())
            assert last > first, "the writer wrote meanwhile"
            assert writer.poll() is None, "nothing made it wait until it failed"
        finally:
            end.touch()
            writer.wait()
    assert writer.returncode == 0


def said(*words: str) -> str:
    out = StringIO()
    call_command("verify_audit", *words, stdout=out)
    return out.getvalue()


def export(folder: Path) -> Path:
    file = folder / "audit.jsonl"
    file.write_text("\n".join(json.dumps(event) for stream in streams() for event in stream_events(stream.name)))
    return file


def test_what_is_said_of_a_database_and_of_an_export(trial: None, tmp_path: Path) -> None:
    count, chains = Event.objects.count(), len(streams())
    words = said()
    assert f"unblinded: {count} events of {chains} chains with their texts verified as of " in words
    assert "the head that this database keeps" in words
    assert "Not compared with any head outside" in words
    words = said("--export", str(export(tmp_path)))
    assert f"audit.jsonl: {count} events of {chains} chains verified, each from its first event" in words
    assert "Compared with no head" in words


def test_heads_that_were_kept_outside_show_what_is_gone(trial: None, tmp_path: Path) -> None:
    settings.CHECKPOINT_DIRECTORY = str(tmp_path)
    call_command("checkpoint")
    play.enrol(Case("GR01"))
    call_command("checkpoint")
    heads = tmp_path / "unblinded.jsonl"
    words = said("--heads", str(heads))
    assert " heads of 2 checkpoints in unblinded.jsonl" in words
    assert int(words.split(" heads of 2")[0].split()[-1]) > len(streams()), "those that moved are there twice"
    file = export(tmp_path)
    assert "heads of 2 checkpoints" in said("--export", str(file), "--heads", str(heads))
    out = StringIO()
    call_command("checkpoint", "--compare", stdout=out)
    assert "every head of 2 signed checkpoints" in out.getvalue()
    assert "The 0 events after it" in out.getvalue()

    cut = [line for line in file.read_text().splitlines() if json.loads(line)["stream"] != "GR01"]
    kept = [line for line in file.read_text().splitlines() if json.loads(line)["stream"] == "GR01"]
    file.write_text("\n".join([*cut, *kept[:-1]]))
    assert "Compared with no head" in said("--export", str(file)), "alone it is whole"
    with pytest.raises(CommandError, match="does not verify"):
        call_command("verify_audit", "--export", str(file), "--heads", str(heads), stderr=StringIO())
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("verify_audit", "--heads", str(tmp_path / "nothing"))


def test_a_tail_cut_with_its_head_shows_against_heads_alone(trial: None, tmp_path: Path) -> None:
    settings.CHECKPOINT_DIRECTORY = str(tmp_path)
    call_command("checkpoint")
    last = Event.objects.filter(stream="GR01").order_by("-seq")[0]
    with tampering(), untriggered("default"), connections["default"].cursor() as cursor:
        cursor.execute("DELETE FROM audit_event WHERE stream = 'GR01' AND seq = %s", [last.seq])
        cursor.execute("DELETE FROM audit_freetext WHERE stream = 'GR01' AND seq = %s", [last.seq])
        cursor.execute("UPDATE audit_stream SET seq = %s, head = %s WHERE name = 'GR01'", [last.seq - 1, last.previous])
    install(connections["default"])
    assert "verified" in said()
    with pytest.raises(CommandError, match="does not verify"):
        call_command("verify_audit", "--heads", str(tmp_path / "unblinded.jsonl"), stderr=StringIO())


def test_the_other_side_is_not_mistaken_for_this_one(trial: None, tmp_path: Path) -> None:
    settings.CHECKPOINT_DIRECTORY = str(tmp_path)
    call_command("checkpoint")
    assert "0 heads of 0 checkpoints" in said("--heads", str(tmp_path / "blinded.jsonl"))
    with on_side(Side.BLINDED):
        assert {stream.name for stream in streams()} >= {"GR01", "TRIAL"}
