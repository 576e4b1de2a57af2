from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
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
            options={
                "indexes": [models.Index(fields=["number"], name="inbox_number")],
            },
        ),
    ]
