"""Where a participant was screened, apart from where treatment goes on. What it changes stands in the next one:

PostgreSQL alters no table in a transaction that changed its foreign keys.
"""

import django.db.models.deletion
from django.db import migrations, models


def at_home(apps, schema_editor):
    participants = apps.get_model("screening", "Participant").objects.using(schema_editor.connection.alias)
    participants.update(home_id=models.F("site_id"))


class Migration(migrations.Migration):
    dependencies = [("screening", "0003_draft"), ("sites", "0002_self_check")]

    operations = [
        migrations.AddField(
            model_name="participant",
            name="home",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="enrolled", to="sites.site"
            ),
        ),
        migrations.RunPython(at_home, migrations.RunPython.noop),
    ]
