"""Rows are keyed by their signature, and what was dealt with by its number; what is there already is carried over.

What came down before messages were signed keeps a mark in place of a signature.
"""

from typing import Any

from django.db import migrations, models

from randomization.hatch.message import FIRST_PREVIOUS

NOBODY = "00000000-0000-0000-0000-000000000000"


def unsigned(number: int) -> str:
    return f"before messages were signed: {number}"


def carry_over(apps: Any, schema_editor: Any) -> None:
    alias = schema_editor.connection.alias
    models = {
        name: apps.get_model("inbox", name) for name in ("FormerMessage", "FormerApplied", "InboxMessage", "Applied")
    }
    models["InboxMessage"].objects.using(alias).bulk_create(
        [
            models["InboxMessage"](
                number=row.number,
                uid=row.uid,
                kind=row.kind,
                payload=row.payload,
                installation=NOBODY,
                epoch=0,
                previous=FIRST_PREVIOUS,
                signature=unsigned(row.number),
            )
            for row in models["FormerMessage"].objects.using(alias).order_by("number")
        ],
        batch_size=500,
    )
    models["Applied"].objects.using(alias).bulk_create(
        [
            models["Applied"](
                number=row.message_id,
                uid=row.message.uid,
                outcome=row.outcome,
                detail=row.detail,
                at=row.at,
                digest="",
                signature=unsigned(row.message_id),
            )
            for row in models["FormerApplied"].objects.using(alias).select_related("message").order_by("message_id")
        ],
        batch_size=500,
    )


class Migration(migrations.Migration):
    dependencies = [
        ("inbox", "0001_initial"),
    ]

    operations = [
        migrations.RenameModel("InboxMessage", "FormerMessage"),
        migrations.RenameModel("Applied", "FormerApplied"),
        migrations.CreateModel(
            name="InboxMessage",
            fields=[
                ("number", models.PositiveBigIntegerField()),
                ("uid", models.UUIDField()),
                ("kind", models.CharField(max_length=32)),
                ("payload", models.TextField()),
                ("installation", models.UUIDField()),
                ("epoch", models.PositiveIntegerField()),
                ("previous", models.CharField(max_length=64)),
                ("signature", models.CharField(max_length=128, primary_key=True, serialize=False)),
            ],
            options={"indexes": [models.Index(fields=["number"], name="inbox_number")]},
        ),
        migrations.CreateModel(
            name="Applied",
            fields=[
                ("number", models.PositiveBigIntegerField(primary_key=True, serialize=False)),
                ("uid", models.UUIDField(unique=True)),
                ("outcome", models.CharField(choices=[("applied", "applied"), ("refused", "refused")], max_length=8)),
                ("detail", models.CharField(blank=True, max_length=200)),
                ("at", models.DateTimeField()),
                ("digest", models.CharField(max_length=64)),
                ("signature", models.CharField(max_length=128, unique=True)),
            ],
        ),
        migrations.CreateModel(
            name="Parked",
            fields=[
                ("number", models.PositiveBigIntegerField(primary_key=True, serialize=False)),
                ("uid", models.UUIDField(unique=True)),
                ("subject", models.CharField(max_length=64)),
                ("detail", models.CharField(max_length=200)),
                ("since", models.DateTimeField()),
                ("digest", models.CharField(max_length=64)),
                ("signature", models.CharField(max_length=128, unique=True)),
            ],
        ),
        migrations.CreateModel(
            name="ForeignRow",
            fields=[
                ("number", models.PositiveBigIntegerField()),
                ("why", models.CharField(max_length=20)),
                ("noted_at", models.DateTimeField()),
                ("released_at", models.DateTimeField(null=True)),
                ("released_by", models.CharField(blank=True, max_length=64)),
                ("row", models.CharField(max_length=128, primary_key=True, serialize=False)),
            ],
        ),
        migrations.AddField(
            model_name="cursor",
            name="digest",
            field=models.CharField(default=FIRST_PREVIOUS, max_length=64),
        ),
        migrations.RunPython(carry_over, migrations.RunPython.noop),
        migrations.DeleteModel("FormerApplied"),
        migrations.DeleteModel("FormerMessage"),
    ]
