"""An appointment that waits for a second person knows since when; one that waited before is proposed anew."""

from datetime import UTC, datetime

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0006_readmission")]

    operations = [
        migrations.AddField(
            model_name="proposal",
            name="proposed_at",
            field=models.DateTimeField(default=datetime(2026, 1, 1, tzinfo=UTC)),
            preserve_default=False,
        ),
    ]
