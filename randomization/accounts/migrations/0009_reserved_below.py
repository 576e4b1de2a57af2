"""Whether the name of an account above was sent down to be reserved; a sweep sends what was not."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0008_one_time_keys")]

    operations = [
        migrations.AddField(model_name="person", name="is_reserved_below", field=models.BooleanField(default=False)),
    ]
