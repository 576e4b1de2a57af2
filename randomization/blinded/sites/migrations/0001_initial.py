import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="ProtocolVersion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("trial", models.CharField(max_length=32)),
                ("version", models.CharField(max_length=16)),
                ("text", models.TextField()),
                ("sha256", models.CharField(max_length=64, unique=True)),
                ("loaded_at", models.DateTimeField()),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("trial", "version"), name="protocol_version_once")],
            },
        ),
        migrations.CreateModel(
            name="Site",
            fields=[
                ("code", models.CharField(max_length=4, primary_key=True, serialize=False)),
                ("name", models.CharField(max_length=128)),
                ("time_zone", models.CharField(max_length=64)),
                ("label_language", models.CharField(max_length=2)),
                ("contact", models.CharField(max_length=200)),
                ("contact_full", models.CharField(default="", max_length=200)),
                ("investigator", models.CharField(max_length=64)),
                ("opened_at", models.DateTimeField(null=True)),
                ("closed_at", models.DateTimeField(null=True)),
                ("drill_done_at", models.DateTimeField(null=True)),
                ("may_supply", models.BooleanField(default=False)),
                ("messages_stopped", models.BooleanField(default=False)),
                (
                    "protocol",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="sites.protocolversion",
                        to_field="sha256",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="SelfCheck",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("printer", models.BooleanField()),
                ("scanner", models.BooleanField()),
                ("telephone_answered_by", models.CharField(max_length=64)),
                ("telephone_called_at", models.DateTimeField()),
                ("people_trained", models.BooleanField()),
                ("labels_rendered", models.PositiveSmallIntegerField(default=0)),
                ("drill_done", models.BooleanField()),
                ("may_supply", models.BooleanField()),
                ("signed_by", models.CharField(max_length=64)),
                ("signed_at", models.DateTimeField()),
                ("signature", models.UUIDField(unique=True)),
                (
                    "site",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="self_checks", to="sites.site"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Duty",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("days", models.CharField(max_length=16)),
                ("starts", models.CharField(max_length=5)),
                ("ends", models.CharField(max_length=5)),
                ("investigator", models.CharField(max_length=64)),
                ("preparer", models.CharField(max_length=64)),
                ("checker", models.CharField(max_length=64)),
                ("telephone", models.CharField(max_length=32)),
                (
                    "site",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="duties", to="sites.site"
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "duties",
            },
        ),
        migrations.CreateModel(
            name="Approval",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("in_force_from", models.DateTimeField()),
                (
                    "protocol",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="sites.protocolversion"),
                ),
                (
                    "site",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="approvals", to="sites.site"
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("site", "protocol"), name="approval_once")],
            },
        ),
    ]
