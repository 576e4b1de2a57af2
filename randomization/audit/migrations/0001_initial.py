import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Stream",
            fields=[
                ("name", models.CharField(max_length=16, primary_key=True, serialize=False)),
                ("seq", models.PositiveBigIntegerField(default=0)),
                ("head", models.CharField(max_length=64)),
            ],
        ),
        migrations.CreateModel(
            name="Event",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("stream", models.CharField(max_length=16)),
                ("seq", models.PositiveBigIntegerField()),
                ("at", models.CharField(max_length=27)),
                ("actor", models.CharField(max_length=64)),
                ("role", models.CharField(max_length=32)),
                ("action", models.CharField(max_length=64)),
                ("subject", models.CharField(max_length=64)),
                ("data", models.TextField()),
                ("previous", models.CharField(max_length=64)),
                ("hash", models.CharField(max_length=64)),
            ],
            options={
                "indexes": [models.Index(fields=["subject"], name="audit_event_subject")],
                "constraints": [models.UniqueConstraint(fields=("stream", "seq"), name="audit_event_once")],
            },
        ),
        migrations.CreateModel(
            name="FreeText",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("stream", models.CharField(max_length=16)),
                ("seq", models.PositiveBigIntegerField()),
                ("key", models.CharField(max_length=32)),
                ("salt", models.CharField(max_length=64)),
                ("text", models.TextField()),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("stream", "seq", "key"), name="audit_text_once")],
            },
        ),
        migrations.CreateModel(
            name="Redaction",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("requested_by", models.CharField(max_length=64)),
                ("confirmed_by", models.CharField(default="", max_length=64)),
                ("text", models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, to="audit.freetext")),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("requested_by", models.F("confirmed_by")), _negated=True),
                        name="redaction_by_two_people",
                    )
                ],
            },
        ),
    ]
