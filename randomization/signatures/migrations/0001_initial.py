import uuid

from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Signature",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("user_name", models.CharField(max_length=64)),
                ("role", models.CharField(max_length=32)),
                ("meaning", models.CharField(max_length=64)),
                ("subject", models.CharField(max_length=64)),
                ("content_hash", models.CharField(max_length=64)),
                ("trained_for", models.CharField(blank=True, max_length=32)),
                ("given_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                ("used_at", models.DateTimeField(null=True)),
            ],
        ),
    ]
