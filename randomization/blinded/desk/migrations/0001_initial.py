from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="AccessReview",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("reviewed_by", models.CharField(max_length=64)),
                ("reviewed_at", models.DateTimeField()),
                ("memberships", models.PositiveIntegerField()),
                ("content_hash", models.CharField(max_length=64)),
                ("signature", models.UUIDField(unique=True)),
            ],
        ),
        migrations.CreateModel(
            name="Alert",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("window_ending", "72 h running out"),
                            ("sample_waiting", "6 h to ship running out"),
                            ("verdict_late", "verdict overdue"),
                            ("dose_late", "dose late"),
                            ("list_low", "list low"),
                            ("no_supply", "pharmacy cannot supply"),
                            ("nobody_on_duty", "nobody on duty"),
                            ("code_broken", "code broken"),
                            ("deviation_open", "deviation unexplained for a week"),
                            ("notice_stuck", "notice stuck"),
                            ("message_refused", "message refused"),
                            ("message_parked", "message waits for what it is about"),
                            ("hatch_stopped", "messages from the pharmacy's side stopped"),
                        ],
                        max_length=20,
                    ),
                ),
                ("site_code", models.CharField(blank=True, max_length=4)),
                ("subject", models.CharField(blank=True, max_length=16)),
                ("about", models.CharField(max_length=64)),
                ("raised_at", models.DateTimeField()),
                ("over_at", models.DateTimeField(null=True)),
                ("acknowledged_at", models.DateTimeField(null=True)),
                ("acknowledged_by", models.CharField(blank=True, max_length=64)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["over_at", "raised_at"], name="alert_open"),
                    models.Index(fields=["raised_at"], name="alert_raised"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("over_at", None)),
                        fields=("kind", "site_code", "subject", "about"),
                        name="alert_once",
                    )
                ],
            },
        ),
    ]
