import uuid

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Entry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("uid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("channel", models.CharField(choices=[("hatch", "Hatch"), ("people", "People")], max_length=8)),
                ("kind", models.CharField(max_length=32)),
                ("site_code", models.CharField(blank=True, max_length=4)),
                ("roles", models.CharField(blank=True, max_length=128)),
                ("payload", models.TextField()),
                ("created_at", models.DateTimeField()),
                ("deliver_at", models.DateTimeField()),
                ("tie", models.CharField(blank=True, max_length=40)),
            ],
        ),
        migrations.CreateModel(
            name="Head",
            fields=[
                ("name", models.CharField(max_length=8, primary_key=True, serialize=False)),
                ("last", models.PositiveBigIntegerField(default=0)),
                (
                    "digest",
                    models.CharField(
                        default="0000000000000000000000000000000000000000000000000000000000000000", max_length=64
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Alarm",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=20)),
                ("site_code", models.CharField(blank=True, max_length=4)),
                ("about", models.CharField(blank=True, max_length=64)),
                ("raised_at", models.DateTimeField()),
                ("over_at", models.DateTimeField(null=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("over_at", None)), fields=("kind", "site_code", "about"), name="alarm_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Mailed",
            fields=[
                (
                    "entry",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="mailed",
                        serialize=False,
                        to="notices.entry",
                    ),
                ),
                ("recipients", models.PositiveIntegerField()),
                ("at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="Numbered",
            fields=[
                (
                    "entry",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        serialize=False,
                        to="notices.entry",
                    ),
                ),
                ("channel", models.CharField(choices=[("hatch", "Hatch"), ("people", "People")], max_length=8)),
                ("number", models.PositiveBigIntegerField()),
                ("previous", models.CharField(blank=True, max_length=64)),
                ("digest", models.CharField(blank=True, max_length=64)),
                ("signature", models.CharField(blank=True, max_length=128)),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("channel", "number"), name="notice_number_once")],
            },
        ),
    ]
