"""An installation that carried messages before they were signed: what lies there stays, the chain begins after it."""

from __future__ import annotations

from pathlib import Path

from tests.both.databases import Pair, fresh_pair

OLD = """
import django; django.setup()
from django.apps import apps
from django.core.management import call_command
from django.db import connection
from django.db.models.signals import post_migrate
post_migrate.disconnect(sender=apps.get_app_config("audit"), dispatch_uid="audit.triggers")
call_command("migrate", "inbox", "0001", verbosity=0)
with connection.cursor() as cursor:
    for number in (1, 2):
        cursor.execute(
            "INSERT INTO inbox_inboxmessage (number, uid, kind, payload) VALUES (%s, %s, 'SiteSupply', '{}')",
            [number, f"0000000000000000000000000000000{number}"],
        )
        cursor.execute(
            "INSERT INTO inbox_applied (message_id, outcome, detail, at) VALUES (%s, 'refused', 'x', %s)",
            [number, "2026-03-01 09:00:00+00" if connection.vendor == "postgresql" else "2026-03-01 09:00:00"],
        )
    cursor.execute("INSERT INTO inbox_cursor (id, last) VALUES (1, 2)")
    for table in ("inbox_inboxmessage", "inbox_applied"):
        action = "BEGIN SELECT RAISE(ABORT, 'append-only'); END"
        if connection.vendor == "postgresql":
            action = "FOR EACH ROW EXECUTE FUNCTION immunosep_refuse()"
        for what in ("update", "delete"):
            cursor.execute(f"CREATE TRIGGER {table}_{what}_refused BEFORE {what} ON {table} {action}")
"""
NEW = """
import django; django.setup()
from django.db import connection
from randomization.audit.triggers import missing
from randomization.blinded.inbox.models import Applied, Cursor, InboxMessage
from randomization.blinded.inbox.receiving import nothing_waits
print([(row.number, row.uid.int, row.kind, row.signature) for row in InboxMessage.objects.order_by("number")])
print([(row.number, row.outcome, row.detail, row.at.hour) for row in Applied.objects.order_by("number")])
print(Cursor.objects.get().last, Cursor.objects.get().digest == "0" * 64, nothing_waits(), missing(connection))
"""


def test_what_came_down_before_stays_and_is_dealt_with(template: Pair, tmp_path: Path) -> None:
    with fresh_pair(tmp_path / "var", "upgrade", template=template) as pair:
        pair.run("blinded", "-c", OLD)
        pair.run("blinded", "manage.py", "migrate", "-v0")
        said = pair.run("blinded", "-c", NEW).stdout.splitlines()
    mark = "before messages were signed: "
    assert said[0] == str([(number, number, "SiteSupply", f"{mark}{number}") for number in (1, 2)])
    assert said[1] == str([(number, "refused", "x", 9) for number in (1, 2)])
    assert said[2] == "2 True True []"
