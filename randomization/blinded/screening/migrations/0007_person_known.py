"""The person of a file is always known; one allocation a person."""

import uuid

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("screening", "0006_one_person")]

    operations = [
        migrations.AlterField(
            model_name="participant", name="person_uid", field=models.UUIDField(db_index=True, default=uuid.uuid4)
        ),
        migrations.AddConstraint(
            model_name="participant",
            constraint=models.UniqueConstraint(
                fields=("person_uid",), condition=models.Q(state="allocated"), name="one_allocation_a_person"
            ),
        ),
    ]
