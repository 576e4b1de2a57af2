"""Models say on which side they stand, point at no person and across no line; services are the only writers."""

from __future__ import annotations

import ast
import inspect
import sqlite3
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.db import connections, models
from django.test.utils import isolate_apps

from immunosep_site.router import SideRouter, side_of
from immunosep_site.settings import base
from randomization.accounts.models import Account
from randomization.blinded.sites.models import Site
from randomization.shared.actor import SYSTEM, Actor
from randomization.shared.errors import ProgrammingError
from randomization.shared.service import REGISTRY, Side, on_side, service
from tests.architecture.modules import delivery_modules, modules_of_services
from tests.both.databases import ROOT

PLATFORM = {"accounts", "audit", "delivery", "notices", "signatures"}
BLINDED, UNBLINDED = (
    {config.label for config in apps.get_app_configs() if side_of(config.label) is side}
    for side in (Side.BLINDED, Side.UNBLINDED)
)
OURS = BLINDED | UNBLINDED | PLATFORM


def our_models() -> list[type[models.Model]]:
    return [model for model in apps.get_models() if model._meta.app_label in OURS]


def blinding_faults(model_classes: list[type[models.Model]]) -> list[str]:
    """Models without the line, or with the wrong one."""
    faults = []
    for model in model_classes:
        side = "unblinded" if model._meta.app_label in UNBLINDED else "blinded"
        if f"Blinding: {side}" not in [line.strip() for line in (model.__doc__ or "").splitlines()]:
            faults.append(model.__name__)
    return faults


def relation_faults(model_classes: list[type[models.Model]]) -> list[str]:
    """Foreign keys from a domain table to a person, or from one side to the other."""
    faults = []
    for model in model_classes:
        for field in model._meta.concrete_fields:
            other = field.related_model
            if other is None or isinstance(other, str):
                continue
            label, target = model._meta.app_label, other._meta.app_label
            to_person = label in BLINDED | UNBLINDED and target in {"accounts", "auth"}
            across = (label in BLINDED) != (target in BLINDED) or (label in UNBLINDED) != (target in UNBLINDED)
            if to_person or across:
                faults.append(f"{model.__name__}.{field.name}")
    return faults


@pytest.mark.once
@pytest.mark.requirement("R11")
def test_every_model_says_its_side_and_relates_within_it() -> None:
    assert len(our_models()) > 30
    assert blinding_faults(our_models()) == []
    assert relation_faults(our_models()) == []


@pytest.mark.once
@isolate_apps("randomization.blinded.bedside")
def test_planted_models_are_caught() -> None:
    class Silent(models.Model):
        """It does not say."""

        class Meta:
            app_label = "bedside"

    class Personal(models.Model):
        """It points at a person.

        Blinding: blinded
        """

        who = models.ForeignKey(Account, on_delete=models.PROTECT)

        class Meta:
            app_label = "bedside"

    class Across(models.Model):
        """It points over the line.

        Blinding: unblinded
        """

        site = models.ForeignKey(Site, on_delete=models.PROTECT)

        class Meta:
            app_label = "lists"

    assert blinding_faults([Silent, Personal]) == ["Silent"]
    assert relation_faults([Personal, Across]) == ["Personal.who", "Across.site"]


@pytest.mark.once
def test_every_room_has_its_side_and_lies_in_one_database_alone() -> None:
    """Each side's database has the tables of its own rooms and the platform's, and no other."""
    assert {
        config.label for config in apps.get_app_configs() if config.name.split(".")[0] in {"randomization", "pharmacy"}
    } == (OURS | {"documents"})
    router = SideRouter()
    assert not any(router.allow_migrate("blinded", label) for label in UNBLINDED)
    assert not any(router.allow_migrate("default", label) for label in BLINDED)


def test_no_table_of_the_other_side_stands_in_a_database(trial: None) -> None:
    for alias, foreign in (("blinded", UNBLINDED), ("default", BLINDED)):
        tables = connections[alias].introspection.table_names()
        assert not [name for name in tables if name.split("_")[0] in foreign], alias


@pytest.mark.once
def test_every_app_has_migrations_and_they_are_complete() -> None:
    for name in (*base.PLATFORM_APPS, *base.BLINDED_APPS, *base.UNBLINDED_APPS):
        folder = ROOT / Path(*name.split("."))
        if name.split(".")[0] in {"randomization", "pharmacy"} and (folder / "models.py").exists():
            assert (folder / "migrations" / "0001_initial.py").exists(), name


def queries_in(source: str) -> list[str]:
    """What a module asks of a model itself, whichever way the model came in: `X.objects`."""
    nodes = ast.walk(ast.parse(source))
    return [ast.unparse(node) for node in nodes if isinstance(node, ast.Attribute) and node.attr == "objects"]


@pytest.mark.once
def test_delivery_asks_no_model_by_way_of_another_module_either() -> None:
    modules = delivery_modules()
    assert len(modules) > 40
    sources = {name: inspect.getsource(import_module(name)) for name in modules}
    assert {name: queries_in(source) for name, source in sources.items() if queries_in(source)} == {}
    planted = "from randomization.blinded.allocation.for_unblinded import Allocation\n\nAllocation.objects.get()\n"
    assert queries_in(planted) == ["Allocation.objects"]


@pytest.mark.once
def test_every_public_function_of_a_services_module_is_a_service() -> None:
    """But for those that only read, calculate, or run inside a service."""
    inside = {
        "use_signature",
        "email_hash",
        "check_clearance",
        "make_clearance",
        "apply_inbox",
        "void_locked",
        "note_risk",
        "locked",
        "open_case",
        "syringes",
        "assignment_of",
        "new_pack_code",
        "take_lots",
        "bind",
        "end_course",
        "lots_in_words",
        "former_breakers",
        "current",
        "check_why",
        "reveal",
        "check_shown",
        "check_nobody_is_logged_in",
        "tell_safety",
        "on_new_account",
        "known_below",
        "reserve",
        "not_reserved",
    }
    for name in modules_of_services():
        __import__(name)
        module = sys.modules[name]
        for key, value in vars(module).items():
            if key.startswith("_") or not inspect.isfunction(value) or value.__module__ != name or key in inside:
                continue
            assert f"{name}.{key}" in REGISTRY, f"{name}.{key} is no @service"


@pytest.mark.once
def test_what_a_service_must_look_like() -> None:
    with pytest.raises(TypeError, match="first argument"):
        service(lambda *, number: None)
    with pytest.raises(TypeError, match="keyword-only"):
        service(lambda actor, number: None)


def _rename(name: str) -> None:
    Site.objects.filter(code="GR01").update(name=name)


@service
def silent_write(*, actor: Actor) -> None:
    """A service that writes and records nothing."""
    _rename("silent")


def test_a_service_that_writes_without_recording_is_rolled_back(trial: None) -> None:
    with on_side(Side.BLINDED), pytest.raises(ProgrammingError, match="without recording"):
        silent_write(actor=SYSTEM)
    assert Site.objects.get(code="GR01").name != "silent"


def test_a_write_outside_a_service_is_caught(trial: None) -> None:
    with pytest.raises(AssertionError, match="outside a service"):
        _rename("outside")


@service
def write_below(*, actor: Actor) -> None:
    """A service of the unblinded side that writes into the blinded database."""
    _rename("from above")


def test_a_write_from_above_into_a_blinded_table_is_refused(trial: None) -> None:
    with on_side(Side.UNBLINDED), pytest.raises(ProgrammingError, match="other database"):
        write_below(actor=SYSTEM)


@pytest.mark.once
def test_fields_all_and_the_like_are_not_used() -> None:
    banned = ('fields = "__all__"', "exclude = ", "_meta.get_fields(")
    for package in ("randomization", "pharmacy", "immunosep_site"):
        for file in (ROOT / package).rglob("*.py"):
            text = file.read_text(encoding="utf-8")
            assert not any(word in text for word in banned), file


@pytest.mark.once
def test_a_source_file_has_at_most_300_lines_and_a_test_file_500() -> None:
    """But for migrations, which Django writes."""
    listed = subprocess.run(["git", "ls-files", "*.py"], cwd=ROOT, capture_output=True, text=True, check=True)
    for name in listed.stdout.splitlines():
        if "/migrations/" in name:
            continue
        lines = len((ROOT / name).read_text(encoding="utf-8").splitlines())
        assert lines <= (500 if name.startswith("tests/") else 300), (name, lines)


@pytest.mark.once
def test_a_private_key_readable_below_stops_the_start(tmp_path: Path) -> None:
    """The blinded process is started with a key in its folder, as a careless installation would."""
    environment = {
        "IMMUNOSEP_SIDE": "blinded",
        "IMMUNOSEP_EMBEDDED": "1",
        "IMMUNOSEP_DEMONSTRATION": "0",
        "IMMUNOSEP_VAR": str(tmp_path),
        "PATH": "/usr/bin:/bin",
    }
    command = [sys.executable, "manage.py", "check"]

    def start() -> subprocess.CompletedProcess[str]:
        return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)

    assert start().returncode == 0
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys" / "service.key").write_text("x")
    refused = start()
    assert refused.returncode != 0
    assert "private key" in refused.stderr
    shown = {**environment, "BLINDED_DATABASE_URL": "postgresql://x"}
    (tmp_path / "keys" / "service.key").unlink()
    refused = subprocess.run(command, cwd=ROOT, env=shown, capture_output=True, text=True)
    assert "BLINDED_DATABASE_URL" in refused.stderr


@pytest.mark.once
@pytest.mark.parametrize(("demonstration", "cost"), [("0", "m=19456,t=2,p=1"), ("1", "m=1024,t=1,p=1")])
def test_only_the_demonstration_hashes_its_printed_password_cheaply(
    tmp_path: Path, demonstration: str, cost: str
) -> None:
    environment = {
        "IMMUNOSEP_SIDE": "blinded",
        "IMMUNOSEP_EMBEDDED": "1",
        "IMMUNOSEP_DEMONSTRATION": demonstration,
        "IMMUNOSEP_VAR": str(tmp_path),
        "DJANGO_SETTINGS_MODULE": "immunosep_site.settings.blinded",
    }
    script = "import django; django.setup(); from django.contrib.auth.hashers import make_password as m; print(m('x'))"
    command = [sys.executable, "-c", script]
    completed = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    assert cost in completed.stdout


@pytest.mark.once
def test_the_fence_of_sqlite_lets_reads_and_messages_through_and_nothing_else(tmp_path: Path) -> None:
    """A real connection from the unblinded process, out of demonstration."""
    script = tmp_path / "attack.py"
    script.write_text(
        "import django; django.setup()\n"
        "from django.db import DatabaseError, connections\n"
        "from randomization.blinded.sites.models import Site\n"
        "from randomization.hatch.models import InboxMessage\n"
        "from uuid import uuid4\n"
        "print('read', Site.objects.count())\n"
        "InboxMessage.objects.create(number=1, uid=uuid4(), kind='x', payload='{}', installation=uuid4(), epoch=1,"
        " previous='', signature='x')\n"
        "for sql in [\"UPDATE sites_site SET name = 'x'\", 'DELETE FROM hatch_inboxmessage', \n"
        "            'SELECT password FROM accounts_account', 'SELECT * FROM django_session',\n"
        "            'SELECT text FROM audit_freetext',\n"
        "            'SELECT * FROM accounts_badge', 'SELECT count(*) FROM accounts_badge',\n"
        "            'INSERT INTO inbox_cursor VALUES (1, 2)', 'DROP TABLE sites_site']:\n"
        "    try:\n"
        "        connections['blinded'].cursor().execute(sql); print('LEAK', sql)\n"
        "    except DatabaseError: print('refused')\n"
        "connections['blinded'].cursor().execute('SELECT user_name, email FROM accounts_account')\n"
        "from randomization.blinded.sites.services.register_sites import set_supply\n"
        "from randomization.shared.actor import SYSTEM\n"
        "try: set_supply(actor=SYSTEM, code='GR01', may_supply=True); print('LEAK service')\n"
        "except Exception as error: print(type(error).__name__)\n"
    )
    common = {
        "IMMUNOSEP_EMBEDDED": "1",
        "IMMUNOSEP_VAR": str(tmp_path),
        "PYTHONPATH": str(ROOT),
        "PATH": "/usr/bin:/bin",
    }
    for side in ("blinded", "unblinded"):
        environment = {**common, "IMMUNOSEP_SIDE": side, "IMMUNOSEP_DEMONSTRATION": "0"}
        subprocess.run([sys.executable, "manage.py", "migrate", "-v0"], cwd=ROOT, env=environment, check=True)
    environment["DJANGO_SETTINGS_MODULE"] = "immunosep_site.settings.unblinded"
    with sqlite3.connect(tmp_path / "blinded.sqlite3") as below:
        below.execute("CREATE TABLE accounts_badge (secret text)")
    done = subprocess.run([sys.executable, str(script)], cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.stdout.split() == ["read", "0", *["refused"] * 9, "ProgrammingError"], done.stdout + done.stderr


@pytest.mark.once
def test_the_two_sides_have_their_own_keys_cookies_and_databases() -> None:
    assert settings.SIDE == "unblinded"
    assert set(connections) == {"default", "blinded"}
    tree = ast.parse((ROOT / "immunosep_site" / "settings" / "blinded.py").read_text())
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    assert "UNBLINDED_APPS" not in names
    assert "KEY_DIRECTORY" not in names
