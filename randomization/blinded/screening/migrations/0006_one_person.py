"""Which files are of one person: every file gets its own person, then those linked to an earlier one share it."""

import uuid

import django.db.models.deletion
from django.db import migrations, models


def share_with_earlier(apps, schema_editor):
    """Two files of one person that are both randomised, from before this was refused, keep apart."""
    participants = apps.get_model("screening", "Participant").objects.using(schema_editor.connection.alias)
    people, randomised = {}, set()
    for uid, earlier, state in participants.order_by("screened_at", "number").values_list("uid", "earlier_id", "state"):
        person = people.get(earlier, uid)
        if state == "allocated":
            person = uid if person in randomised else person
            randomised.add(person)
        people[uid] = person
        participants.filter(uid=uid).update(person_uid=person)


def fields(*more):
    return [
        ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
        ("sex", models.CharField(max_length=8)),
        ("year_of_birth", models.PositiveSmallIntegerField()),
        *more,
    ]


def participant(related_name):
    return models.ForeignKey(
        on_delete=django.db.models.deletion.PROTECT, related_name=related_name, to="screening.participant"
    )


class Migration(migrations.Migration):
    dependencies = [("screening", "0005_transfer")]

    operations = [
        migrations.AddField(
            model_name="participant", name="person_uid", field=models.UUIDField(null=True, default=uuid.uuid4)
        ),
        migrations.RunPython(share_with_earlier, migrations.RunPython.noop),
        migrations.CreateModel(
            name="SamePerson",
            fields=fields(
                ("is_same", models.BooleanField()),
                ("answered_by", models.CharField(max_length=64)),
                ("answered_at", models.DateTimeField()),
                ("participant", participant("likenesses")),
                ("other", participant("+")),
            ),
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=~models.Q(participant=models.F("other")), name="two_participants_compared"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Attestation",
            fields=fields(
                ("is_randomised_elsewhere", models.BooleanField()),
                ("attested_by", models.CharField(max_length=64)),
                ("attested_at", models.DateTimeField()),
                ("participant", participant("attestations")),
            ),
        ),
    ]
