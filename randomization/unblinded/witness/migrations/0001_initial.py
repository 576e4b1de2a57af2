import uuid

from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="SeenHead",
            fields=[
                ("stream", models.CharField(max_length=16, primary_key=True, serialize=False)),
                ("seq", models.PositiveBigIntegerField()),
                ("hash", models.CharField(max_length=64)),
                ("seen_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="SeenKit",
            fields=[
                ("kit_code", models.CharField(max_length=8, primary_key=True, serialize=False)),
                ("participant_uid", models.UUIDField(unique=True)),
                ("participant_number", models.CharField(max_length=12)),
                ("site_code", models.CharField(max_length=4)),
                ("seen_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="SeenList",
            fields=[
                ("list_uid", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("site_code", models.CharField(max_length=4)),
                ("next_position", models.PositiveIntegerField()),
            ],
        ),
        migrations.CreateModel(
            name="SeenMessage",
            fields=[
                ("id", models.PositiveSmallIntegerField(default=1, primary_key=True, serialize=False)),
                ("number", models.PositiveBigIntegerField()),
                ("signature", models.CharField(max_length=128)),
            ],
        ),
    ]
