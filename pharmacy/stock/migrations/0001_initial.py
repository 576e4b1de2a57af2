import django.db.models.deletion
from django.db import migrations, models

import randomization.shared.canonical_field


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Carton",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("gtin", models.CharField(blank=True, max_length=14)),
                ("serial", models.CharField(blank=True, max_length=32)),
                (
                    "canonical_serial",
                    randomization.shared.canonical_field.CanonicalField(
                        default="", editable=False, max_length=576, of="serial"
                    ),
                ),
                (
                    "read",
                    models.CharField(
                        choices=[("scanned", "scanned"), ("shelf label", "shelf label"), ("typed", "typed")],
                        max_length=16,
                    ),
                ),
                ("expires_on", models.DateField()),
                ("units", models.PositiveIntegerField(null=True)),
                ("opened_at", models.DateTimeField()),
                ("opened_by", models.CharField(max_length=64)),
                ("closed_at", models.DateTimeField(null=True)),
                ("closed_by", models.CharField(blank=True, max_length=64)),
            ],
        ),
        migrations.CreateModel(
            name="Consignment",
            fields=[
                ("code", models.CharField(max_length=8, primary_key=True, serialize=False)),
                ("units", models.PositiveIntegerField()),
                ("delivery_note", models.CharField(blank=True, max_length=64)),
                ("received_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="DestructionOrder",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("site_code", models.CharField(max_length=4)),
                (
                    "target",
                    models.CharField(
                        choices=[
                            ("part of a lot", "part of a lot"),
                            ("whole lot", "whole lot"),
                            ("quarantine", "quarantine"),
                            ("returned syringes", "returned syringes"),
                        ],
                        max_length=24,
                    ),
                ),
                ("about", models.CharField(max_length=96)),
                ("units", models.PositiveIntegerField()),
                ("ordered_at", models.DateTimeField()),
                ("ordered_by", models.CharField(max_length=64)),
                ("signature", models.UUIDField(unique=True)),
                (
                    "state",
                    models.CharField(
                        choices=[("ordered", "ordered"), ("destroyed", "destroyed"), ("cancelled", "cancelled")],
                        default="ordered",
                        max_length=12,
                    ),
                ),
                ("ended_at", models.DateTimeField(null=True)),
                ("ended_by", models.CharField(blank=True, max_length=64)),
                (
                    "consignment",
                    models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, to="stock.consignment"),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ExpiryCorrection",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("expires_on", models.DateField()),
                ("at", models.DateTimeField()),
                ("by", models.CharField(max_length=64)),
            ],
        ),
        migrations.CreateModel(
            name="Lot",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("site_code", models.CharField(max_length=4)),
                ("product", models.CharField(max_length=32)),
                ("number", models.CharField(max_length=32)),
                (
                    "canonical_number",
                    randomization.shared.canonical_field.CanonicalField(
                        default="", editable=False, max_length=576, of="number"
                    ),
                ),
                ("expires_on", models.DateField()),
                ("source", models.CharField(choices=[("sponsor", "sponsor"), ("hospital", "hospital")], max_length=8)),
                ("first_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="MatchedReceipt",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("units", models.PositiveIntegerField()),
                ("delivery_note", models.CharField(max_length=64)),
                ("at", models.DateTimeField()),
                ("by", models.CharField(max_length=64)),
            ],
        ),
        migrations.CreateModel(
            name="Movement",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("sequence", models.PositiveIntegerField()),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("receipt", "receipt"),
                            ("provisional receipt", "provisional receipt"),
                            ("from hospital stock", "from hospital stock"),
                            ("reservation", "reservation"),
                            ("use", "use"),
                            ("waste", "waste"),
                            ("return", "return"),
                            ("destruction", "destruction"),
                            ("count", "count"),
                        ],
                        max_length=24,
                    ),
                ),
                ("quantity", models.IntegerField()),
                ("balance", models.IntegerField()),
                ("as_if", models.IntegerField()),
                ("as_if_balance", models.IntegerField()),
                ("reference", models.CharField(blank=True, max_length=64)),
                ("at", models.DateTimeField()),
                ("by", models.CharField(max_length=64)),
            ],
        ),
        migrations.CreateModel(
            name="NamedHold",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("site_code", models.CharField(max_length=4)),
                ("product", models.CharField(max_length=32)),
                ("number", models.CharField(max_length=32)),
                (
                    "canonical_number",
                    randomization.shared.canonical_field.CanonicalField(
                        db_index=True, default="", editable=False, max_length=576, of="number"
                    ),
                ),
                ("at", models.DateTimeField()),
                ("by", models.CharField(max_length=64)),
            ],
        ),
        migrations.CreateModel(
            name="OrderedSyringe",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("pack_code", models.CharField(max_length=8)),
            ],
        ),
        migrations.CreateModel(
            name="Recall",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("product", models.CharField(max_length=32)),
                ("number", models.CharField(max_length=32)),
                (
                    "canonical_number",
                    randomization.shared.canonical_field.CanonicalField(
                        db_index=True, default="", editable=False, max_length=576, of="number"
                    ),
                ),
                ("at", models.DateTimeField()),
                ("by", models.CharField(max_length=64)),
            ],
        ),
        migrations.CreateModel(
            name="Strike",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("site_code", models.CharField(blank=True, max_length=4)),
                ("product", models.CharField(max_length=32)),
                ("opened_from", models.DateTimeField(null=True)),
                ("at", models.DateTimeField()),
                (
                    "cause",
                    models.CharField(
                        choices=[
                            ("delivery", "delivery"),
                            ("excursion", "excursion"),
                            ("recall", "recall"),
                            ("pharmacy", "pharmacy"),
                        ],
                        max_length=16,
                    ),
                ),
                ("by", models.CharField(max_length=64)),
            ],
        ),
        migrations.CreateModel(
            name="SupplyFlag",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("site_code", models.CharField(max_length=4)),
                ("may_supply", models.BooleanField()),
                ("at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="SupplyStatement",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("site_code", models.CharField(max_length=4)),
                ("may_supply", models.BooleanField()),
                ("stated_by", models.CharField(max_length=64)),
                ("stated_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="Article",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("site_code", models.CharField(max_length=4)),
                ("product", models.CharField(max_length=32)),
                ("gtin", models.CharField(max_length=14)),
                ("added_at", models.DateTimeField()),
                ("added_by", models.CharField(max_length=64)),
                ("signature", models.UUIDField()),
                ("withdrawn_at", models.DateTimeField(null=True)),
                ("withdrawn_by", models.CharField(blank=True, max_length=64)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("withdrawn_at", None)),
                        fields=("site_code", "gtin"),
                        name="article_is_one_product",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("withdrawn_at", None), ("withdrawn_by", "")),
                            models.Q(
                                models.Q(("withdrawn_at", None), _negated=True),
                                models.Q(("withdrawn_by", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="article_withdrawn_by_somebody",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CartonUse",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("preparation_uid", models.UUIDField(db_index=True)),
                ("units", models.PositiveIntegerField()),
                (
                    "carton",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="uses", to="stock.carton"
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="carton",
            name="consignment",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="cartons", to="stock.consignment"
            ),
        ),
        migrations.CreateModel(
            name="Debt",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("site_code", models.CharField(max_length=4)),
                ("product", models.CharField(max_length=32)),
                ("sequence", models.PositiveIntegerField()),
                ("units", models.IntegerField()),
                ("owed", models.IntegerField()),
                ("reference", models.CharField(max_length=64)),
                ("at", models.DateTimeField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("site_code", "product", "sequence"), name="debt_follows_once"),
                    models.CheckConstraint(condition=models.Q(("owed__gte", 0)), name="debt_not_below_zero"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Destruction",
            fields=[
                (
                    "order",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="destruction",
                        serialize=False,
                        to="stock.destructionorder",
                    ),
                ),
                ("units", models.PositiveIntegerField()),
                ("method", models.CharField(max_length=200)),
                ("witness", models.CharField(max_length=64)),
                ("destroyed_at", models.DateTimeField()),
                ("at", models.DateTimeField()),
                ("by", models.CharField(max_length=64)),
                ("signature", models.UUIDField(unique=True)),
            ],
        ),
        migrations.CreateModel(
            name="Excursion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("site_code", models.CharField(max_length=4)),
                ("storage", models.CharField(max_length=32)),
                ("starts_at", models.DateTimeField()),
                ("ends_at", models.DateTimeField()),
                ("lowest_c", models.DecimalField(decimal_places=1, max_digits=5, null=True)),
                ("highest_c", models.DecimalField(decimal_places=1, max_digits=5, null=True)),
                ("at", models.DateTimeField()),
                ("by", models.CharField(max_length=64)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("ends_at__gt", models.F("starts_at"))), name="excursion_has_a_span"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Hold",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("units", models.PositiveIntegerField(null=True)),
                ("as_if_units", models.PositiveIntegerField(null=True)),
                (
                    "cause",
                    models.CharField(
                        choices=[
                            ("delivery", "delivery"),
                            ("excursion", "excursion"),
                            ("recall", "recall"),
                            ("pharmacy", "pharmacy"),
                        ],
                        max_length=16,
                    ),
                ),
                ("placed_at", models.DateTimeField()),
                ("placed_by", models.CharField(max_length=64)),
                (
                    "outcome",
                    models.CharField(
                        blank=True, choices=[("released", "released"), ("destroyed", "destroyed")], max_length=16
                    ),
                ),
                ("decided_at", models.DateTimeField(null=True)),
                ("decided_by", models.CharField(blank=True, max_length=64)),
                (
                    "consignment",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="holds",
                        to="stock.consignment",
                    ),
                ),
                (
                    "excursion",
                    models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, to="stock.excursion"),
                ),
            ],
        ),
        migrations.AddField(
            model_name="destructionorder",
            name="hold",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="destruction_orders",
                to="stock.hold",
            ),
        ),
        migrations.CreateModel(
            name="Mixing",
            fields=[
                (
                    "lot",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, primary_key=True, serialize=False, to="stock.lot"
                    ),
                ),
                ("at", models.DateTimeField()),
                ("by", models.CharField(max_length=64)),
            ],
        ),
        migrations.CreateModel(
            name="ProvisionalMixing",
            fields=[
                (
                    "lot",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, primary_key=True, serialize=False, to="stock.lot"
                    ),
                ),
                ("at", models.DateTimeField()),
                ("by", models.CharField(max_length=64)),
            ],
        ),
        migrations.AddConstraint(
            model_name="lot",
            constraint=models.UniqueConstraint(fields=("site_code", "product", "canonical_number"), name="lot_once"),
        ),
        migrations.AddField(
            model_name="hold",
            name="lot",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="holds", to="stock.lot"),
        ),
        migrations.AddField(
            model_name="expirycorrection",
            name="lot",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="corrections", to="stock.lot"
            ),
        ),
        migrations.AddField(
            model_name="destructionorder",
            name="lot",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="destruction_orders",
                to="stock.lot",
            ),
        ),
        migrations.AddField(
            model_name="consignment",
            name="lot",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="consignments", to="stock.lot"
            ),
        ),
        migrations.AddField(
            model_name="carton",
            name="lot",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="cartons", to="stock.lot"
            ),
        ),
        migrations.AddField(
            model_name="movement",
            name="consignment",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="movements", to="stock.consignment"
            ),
        ),
        migrations.AddField(
            model_name="movement",
            name="lot",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="movements", to="stock.lot"
            ),
        ),
        migrations.AddField(
            model_name="matchedreceipt",
            name="provisional",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="matches", to="stock.movement"
            ),
        ),
        migrations.AddField(
            model_name="matchedreceipt",
            name="receipt",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="matched", to="stock.movement"
            ),
        ),
        migrations.AddField(
            model_name="consignment",
            name="movement",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT, related_name="brought", to="stock.movement"
            ),
        ),
        migrations.AddField(
            model_name="orderedsyringe",
            name="order",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="syringes", to="stock.destructionorder"
            ),
        ),
        migrations.AddIndex(
            model_name="strike",
            index=models.Index(fields=["at"], name="strike_at"),
        ),
        migrations.AddConstraint(
            model_name="cartonuse",
            constraint=models.CheckConstraint(condition=models.Q(("units__gt", 0)), name="carton_use_takes_something"),
        ),
        migrations.AddField(
            model_name="destruction",
            name="movement",
            field=models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, to="stock.movement"),
        ),
        migrations.AddConstraint(
            model_name="hold",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("decided_at", None), ("outcome", "")),
                    models.Q(models.Q(("outcome", ""), _negated=True), models.Q(("decided_at", None), _negated=True)),
                    _connector="OR",
                ),
                name="hold_decided_with_a_time",
            ),
        ),
        migrations.AddConstraint(
            model_name="hold",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("as_if_units", None), ("consignment", None), ("units", None)),
                    models.Q(("as_if_units__isnull", False), ("consignment__isnull", False), ("units__isnull", False)),
                    _connector="OR",
                ),
                name="hold_of_a_consignment_with_units",
            ),
        ),
        migrations.AddIndex(
            model_name="destructionorder",
            index=models.Index(fields=["site_code", "state"], name="destruction_order_open"),
        ),
        migrations.AddConstraint(
            model_name="destructionorder",
            constraint=models.UniqueConstraint(
                condition=models.Q(("hold", None), ("state", "ordered")), fields=("lot",), name="one_open_order_a_lot"
            ),
        ),
        migrations.AddConstraint(
            model_name="destructionorder",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "ordered")), fields=("hold",), name="one_open_order_a_hold"
            ),
        ),
        migrations.AddConstraint(
            model_name="destructionorder",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "ordered"), ("target", "returned syringes")),
                fields=("site_code",),
                name="one_open_order_of_syringes",
            ),
        ),
        migrations.AddConstraint(
            model_name="destructionorder",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("ended_at", None), ("state", "ordered")),
                    models.Q(
                        models.Q(("state", "ordered"), _negated=True), models.Q(("ended_at", None), _negated=True)
                    ),
                    _connector="OR",
                ),
                name="order_ended_with_a_time",
            ),
        ),
        migrations.AddConstraint(
            model_name="destructionorder",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("lot", None), ("target", "returned syringes")),
                    models.Q(models.Q(("target", "returned syringes"), _negated=True), ("lot__isnull", False)),
                    _connector="OR",
                ),
                name="order_of_a_lot_or_of_syringes",
            ),
        ),
        migrations.AddConstraint(
            model_name="destructionorder",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "destroyed"), _negated=True),
                    models.Q(("ended_by", models.F("ordered_by")), _negated=True),
                    _connector="OR",
                ),
                name="destroyed_by_another_person",
            ),
        ),
        migrations.AddConstraint(
            model_name="carton",
            constraint=models.UniqueConstraint(
                condition=models.Q(("closed_at", None), models.Q(("serial", ""), _negated=True)),
                fields=("gtin", "canonical_serial"),
                name="carton_opened_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="carton",
            constraint=models.CheckConstraint(
                condition=models.Q(("units", None), ("units__gt", 0), _connector="OR"), name="carton_holds_units"
            ),
        ),
        migrations.AddConstraint(
            model_name="carton",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("closed_at", None), ("closed_by", "")),
                    models.Q(models.Q(("closed_at", None), _negated=True), models.Q(("closed_by", ""), _negated=True)),
                    _connector="OR",
                ),
                name="carton_closed_by_somebody",
            ),
        ),
        migrations.AddIndex(
            model_name="movement",
            index=models.Index(fields=["reference"], name="movement_reference"),
        ),
        migrations.AddConstraint(
            model_name="movement",
            constraint=models.UniqueConstraint(fields=("lot", "sequence"), name="movement_follows_once"),
        ),
        migrations.AddConstraint(
            model_name="movement",
            constraint=models.CheckConstraint(condition=models.Q(("balance__gte", 0)), name="stock_not_below_zero"),
        ),
        migrations.AddConstraint(
            model_name="movement",
            constraint=models.CheckConstraint(
                condition=models.Q(("as_if_balance__gte", 0)), name="as_if_not_below_zero"
            ),
        ),
        migrations.AddConstraint(
            model_name="matchedreceipt",
            constraint=models.CheckConstraint(condition=models.Q(("units__gt", 0)), name="match_of_some_units"),
        ),
        migrations.AddConstraint(
            model_name="orderedsyringe",
            constraint=models.UniqueConstraint(fields=("order", "pack_code"), name="syringe_once_in_an_order"),
        ),
    ]
