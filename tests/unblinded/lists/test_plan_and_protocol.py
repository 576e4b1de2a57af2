"""The two files: every nonsense is refused with its key; other trials run from files alone."""

from __future__ import annotations

import itertools
from collections import Counter
from datetime import UTC, datetime

import pytest
from django.db.models import QuerySet

from immunosep_site.demonstration import play
from immunosep_site.demonstration.fixtures import FIXTURES
from immunosep_site.demonstration.play import Case
from immunosep_site.demonstration.small_trial import add_sites
from randomization.blinded.allocation.models import Allocation, AllocationList
from randomization.blinded.allocation.selectors import published_list
from randomization.blinded.bedside.models import Dose
from randomization.blinded.bedside.schedule import planned_doses
from randomization.blinded.sites.services.register_protocol import register_protocol
from randomization.shared.actor import SYSTEM
from randomization.shared.errors import ConfigurationError, Refused
from randomization.shared.protocol import load_protocol, parse_protocol
from randomization.shared.toml_file import SeveralErrors
from randomization.unblinded.formulary.contents import Level
from randomization.unblinded.laboratory.immune_class import ImmuneClass
from randomization.unblinded.lists.models import SealedList
from randomization.unblinded.lists.plan import load_plan, parse_plan
from randomization.unblinded.lists.verify import verify_list

pytestmark = pytest.mark.once

PLAN = (FIXTURES / "plan.toml").read_text(encoding="utf-8")
PROTOCOL = (FIXTURES / "protocol.toml").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ('draw_ml = "1.34"', 'draw_ml = "-1.34"', "draw_ml"),
        ('draw_ml = "1.34"', "draw_ml = 1.34", "draw_ml"),
        ('draw_ml = "1.34"', 'draw_ml = "21"', "draw_ml"),
        ('final_ml = "20"', 'final_ml = "10"', "differ in final_ml"),
        ("block_sizes = [4, 6]", "block_sizes = [4, 5]", "block_sizes"),
        ("block_sizes = [4, 6]", "block_sizes = [4, 4]", "block_sizes"),
        ("block_sizes = [4, 6]", "block_sizes = [258]", "block_sizes"),
        ("block_sizes = [4, 6]", "block_sizes = []", "block_sizes"),
        ("version = 1", "version = 0", "version"),
        ("version = 1\n", "", "version"),
        ("version = 1", "version = 1\ncolour = 3", "colour"),
        (
            'classes = ["MALS"]\nroute = "IV"\nlevels = ["full"]',
            'classes = ["MALS"]\nroute = "IV"\nlevels = ["reduced"]',
            "already has contents",
        ),
        ('classes = ["MALS"]\nroute = "SC"', 'classes = ["SEPSIS"]\nroute = "SC"', "classes"),
        ('product = "INTERFERON"', 'product = "ASPIRIN"', "product"),
        ('name = "CONTROL"', 'name = "PRECISION"', "arm"),
        ('name = "CONTROL"', 'name = "CON|TROL"', "name"),
        ("ratio = 1", "ratio = 0", "ratio"),
        ('trial = "IMMUNOSEP"', "trial = ", "TOML"),
    ],
)
def test_a_bad_plan_is_refused_with_its_key(old: str, new: str, key: str) -> None:
    assert old in PLAN
    with pytest.raises(ConfigurationError, match=key):
        parse_plan(PLAN.replace(old, new, 1))


def test_every_bad_key_of_a_plan_is_named_at_once() -> None:
    text = PLAN
    for old, new in (
        ("block_sizes = [4, 6]", "block_sizes = []"),
        ("ratio = 1", "ratio = 0"),
        ('unit_ml = "0.67"', "unit_ml = 0.67"),
        ('gtins = ["04012345000214"]', 'gtins = ["04012345000215"]'),
        ('draw_ml = "1.34"', 'draw_ml = "-1.34"'),
        ('classes = ["SIP"]\nroute = "SC"', 'classes = ["SEPSIS"]\nroute = "SC"'),
        ('diluent = "sodium chloride 0.9 %"', "diluent = 3\ncolour = 3"),
    ):
        assert old in text
        text = text.replace(old, new, 1)
    with pytest.raises(SeveralErrors, match="8 things are wrong") as refused:
        parse_plan(text, name="plan.toml")
    fields = {"block_sizes", "ratio", "unit_ml", "gtins", "draw_ml", "classes", "diluent", "colour"}
    assert {error.field for error in refused.value.errors} == fields
    assert "plan.toml: product[1]: unit_ml: is 0.67" in refused.value.sentence


def test_an_arm_without_contents_and_different_volumes_are_refused() -> None:
    start = PLAN.index('[[content]]\narms = ["CONTROL"]\nclasses = ["MALS", "SIP"]\nroute = "SC"')
    with pytest.raises(ConfigurationError, match="arm without contents for CONTROL, MALS, SC, full"):
        parse_plan(PLAN[:start])
    end = PLAN[start:].replace('"0.5"', '"0.6"')
    with pytest.raises(ConfigurationError, match="differ in final_ml"):
        parse_plan(PLAN[:start] + end)


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ('mals_ferritin_above_ng_ml = "4420"', 'mals_ferritin_above_ng_ml = "-1"', "mals_ferritin_above_ng_ml"),
        ('eligible = ["MALS", "SIP"]', 'eligible = ["MALS", "ALL"]', "eligible"),
        ('window_hours = "72"', 'window_hours = "soon"', "window_hours"),
        ("doses = 45", "doses = 0", "doses"),
        ('code = "SC"', 'code = "IV"', "route"),
        ('code = "SC"', 'code = "PO"', "code"),
        ('every_hours = "8"', 'every_hours = "3"', "least_interval_hours"),
        ('key = "hiv"', 'key = "adult"', "criterion"),
        ('kind = "exclusion"', 'kind = "maybe"', "kind"),
        ("keep_out_of_reach = false", 'keep_out_of_reach = "no"', "keep_out_of_reach"),
        ('use_before = { text = "Χρήση πριν από", mark = "o" }\n', "", "translation into 'el' is missing"),
        ('text = "Χρήση πριν από", mark = "o"', 'text = "Χρήση πριν από", mark = "z"', "mark"),
        ("[renal_rule]", "[renal_rule]\nodd = 1", "odd"),
        ('sponsor = "Hellenic Institute for the Study of Sepsis"', 'sponsor = ""', "sponsor"),
    ],
)
def test_a_bad_protocol_is_refused_with_its_key(old: str, new: str, key: str) -> None:
    assert old in PROTOCOL
    with pytest.raises(ConfigurationError, match=key):
        parse_protocol(PROTOCOL.replace(old, new, 1))


def test_a_file_that_is_not_there() -> None:
    with pytest.raises(ConfigurationError, match="cannot be read"):
        load_plan("nowhere.toml")
    with pytest.raises(ConfigurationError, match="cannot be read"):
        load_protocol("nowhere.toml")


@pytest.mark.requirement("R37")
def test_a_change_is_a_new_version_and_the_old_stays(trial: None) -> None:
    with pytest.raises(Refused, match="new version"):
        register_protocol(actor=SYSTEM, text=PROTOCOL + "\n# changed")
    protocol_version = register_protocol(actor=SYSTEM, text=PROTOCOL.replace('version = "1"', 'version = "2"'))
    assert protocol_version.version == "2"
    assert register_protocol(actor=SYSTEM, text=PROTOCOL).version == "1"


@pytest.mark.requirement("R08")
def test_contents_of_each_syringe() -> None:
    plan = load_plan(FIXTURES / "plan.toml")
    table = {
        ("PRECISION", "MALS", "IV", Level.FULL): ("ANAKINRA", "1.34"),
        ("PRECISION", "MALS", "IV", Level.REDUCED): ("ANAKINRA", "0.67"),
        ("PRECISION", "SIP", "SC", Level.FULL): ("INTERFERON", "0.5"),
        ("PRECISION", "SIP", "SC", Level.REDUCED): ("INTERFERON", "0.25"),
    }
    for (arm, immune_class, route, level), content in plan.contents.items():
        product, draw = table.get((arm, immune_class, route, level), ("SALINE", str(content.final_ml)))
        assert (content.product, str(content.draw_ml)) == (product, draw)
        assert content.final_ml == {"IV": 20, "SC": 0.5}[route]


NEW_VERSION = ("version = 1\n", "version = 2\n")


def _add(*, plan: str = PLAN, protocol: str = PROTOCOL) -> None:
    """One more site, IT01, on versions of plan and protocol of its own."""
    protocol = protocol.replace('version = "1"', 'version = "2"')
    add_sites(["IT01"], plan=plan.replace(*NEW_VERSION), protocol=protocol)


def _lists_of_it01() -> QuerySet[SealedList]:
    return SealedList.objects.filter(stratum__site_code="IT01")


def test_the_predecessor_runs_from_files_alone(trial: None) -> None:
    """PROVIDE: IV for 7 days (21 doses), SC for 15 days (8 doses), dummies of 1 mL.

    Syringes of 1 mL hold no 200 mg of anakinra from units of 100 mg in 0.67 mL: the units of this plan hold 200 mg in
    1 mL. Until plans were compared with themselves, it drew 1 mL for each amount, full or reduced.
    """
    protocol = PROTOCOL.replace("doses = 45", "doses = 21").replace('volume_ml = "20"', 'volume_ml = "1"')
    protocol = protocol.replace('volume_ml = "0.5"', 'volume_ml = "1"').replace(
        'trial = "IMMUNOSEP"', 'trial = "PROVIDE"'
    )
    plan = PLAN.replace('trial = "IMMUNOSEP"', 'trial = "PROVIDE"')
    plan = plan.replace('strength = "100 mg"', 'strength = "200 mg"').replace('unit_ml = "0.67"', 'unit_ml = "1"')
    plan = plan.replace('draw_ml = "1.34"', 'draw_ml = "1"').replace('draw_ml = "0.67"', 'draw_ml = "0.5"')
    plan = plan.replace("anakinra 100 mg/0.67 mL", "anakinra 200 mg/1 mL")
    for old in ('"20"', '"0.5"'):
        plan = plan.replace(f"final_ml = {old}", 'final_ml = "1"')
    plan = plan.replace('"0 mg"\ndraw_ml = "20"', '"0 mg"\ndraw_ml = "1"').replace(
        '"0 mg"\ndraw_ml = "0.5"', '"0 mg"\ndraw_ml = "1"'
    )
    _add(plan=plan, protocol=protocol)
    number = play.enrol(Case("IT01")).participant
    doses = Dose.objects.filter(course__participant__number=number)
    assert Counter(doses.values_list("route", flat=True)) == {"IV": 21, "SC": 8}
    preparation = play.prepare_and_release(doses.get(route="IV", number=1), "IT01")
    assert preparation.final_ml == 1
    assert SealedList.objects.filter(context="PROVIDE/IT01/1").exists()


def test_three_arms_two_to_one_to_one(trial: None) -> None:
    extra = '[[arm]]\nname = "THIRD"\nratio = 1\n\n'
    plan = PLAN.replace("ratio = 1", "ratio = 2", 1).replace("block_sizes = [4, 6]", "block_sizes = [4, 8]")
    plan = plan.replace("[[product]]", extra + "[[product]]", 1).replace(
        'arms = ["CONTROL"]', 'arms = ["CONTROL", "THIRD"]'
    )
    _add(plan=plan)
    play.pass_hatch()
    for sealed in _lists_of_it01():
        assert verify_list(sealed.uid, published=published_list(sealed.uid)).length % 4 == 0
    parsed = parse_plan(plan)
    assert [arm.ratio for arm in parsed.arms] == [2, 1, 1]
    assert play.enrol(Case("IT01")).created


@pytest.mark.requirement("R02")
def test_stratified_by_class_each_class_has_a_list_of_its_own(trial: None) -> None:
    _add(plan=PLAN.replace("stratify_by_class = false", "stratify_by_class = true"))
    assert set(_lists_of_it01().values_list("stratum__scope", flat=True)) == {"IT01:MALS", "IT01:SIP", "IT01:DRILL"}
    assert AllocationList.objects.filter(state="open", site_id="IT01").count() == 2
    play.enrol(Case("IT01", ferritin="9000"))
    play.enrol(Case("IT01"))
    play.enrol(Case("IT01"))
    by_stratum: dict[str, list[int]] = {}
    for allocation in Allocation.objects.order_by("participant__number"):
        stratum = SealedList.objects.get(uid=allocation.list_id).stratum.immune_class
        by_stratum.setdefault(stratum, []).append(allocation.position)
    assert by_stratum == {ImmuneClass.MALS: [1], ImmuneClass.SIP: [1, 2]}


def test_every_eight_hours_is_eight_elapsed_hours_through_a_change_of_clocks() -> None:
    regimen = load_protocol(FIXTURES / "protocol.toml").regimen
    doses = planned_doses(first_dose_at=datetime(2026, 3, 28, 18, tzinfo=UTC), regimen=regimen)
    iv = [dose.at for dose in doses if dose.route == "IV"]
    assert len(iv) == 45
    assert {(later - earlier).total_seconds() for earlier, later in itertools.pairwise(iv)} == {8 * 3600}
    sc = [dose.at for dose in doses if dose.route == "SC"]
    assert [(at - sc[0]).total_seconds() / 3600 for at in sc] == [0, 48, 96, 144, 192, 240, 288, 336]
    with pytest.raises(ValueError, match="time zone"):
        planned_doses(first_dose_at=datetime(2026, 3, 28, 18), regimen=regimen)  # noqa: DTZ001 (what is refused)
