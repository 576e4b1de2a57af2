"""Plan and protocol say the same of every syringe: compared at loading, for lists, at approval, before preparing."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from immunosep_site.demonstration import cast, play
from immunosep_site.demonstration.fixtures import FIXTURES
from immunosep_site.demonstration.play import Case
from immunosep_site.demonstration.small_trial import register
from pharmacy.outage.services.print_envelope import print_envelopes
from pharmacy.preparation.models import Preparation
from pharmacy.preparation.services.prepare import prepare
from randomization.accounts.roles import Role
from randomization.blinded.bedside.models import Dose
from randomization.blinded.sites.models import ProtocolVersion, Site
from randomization.blinded.sites.services.register_protocol import approve_protocol, register_protocol
from randomization.shared.actor import SYSTEM
from randomization.shared.errors import ConfigurationError, Refused
from randomization.shared.protocol import parse_protocol
from randomization.shared.protocol.syringes import changed_syringes
from randomization.unblinded.lists.agreement import check_agreement, differences
from randomization.unblinded.lists.drawing import contradictions
from randomization.unblinded.lists.models import AssignmentAccess, PlanVersion, SealedList
from randomization.unblinded.lists.plan import parse_plan
from randomization.unblinded.lists.services.generate_lists import generate_fallback, generate_lists
from randomization.unblinded.lists.services.register_plan import register_plan
from tests.conftest import tampering

pytestmark = pytest.mark.once

PLAN = (FIXTURES / "plan.toml").read_text(encoding="utf-8")
PROTOCOL = (FIXTURES / "protocol.toml").read_text(encoding="utf-8")
PLAN_2, PROTOCOL_2 = PLAN.replace("version = 1", "version = 2", 1), PROTOCOL.replace('version = "1"', 'version = "2"')
IV_FULL = 'levels = ["full"]\nproduct = "ANAKINRA"\namount = "200 mg"'
NO_SC_IN_PLAN = PLAN[: PLAN.index('[[content]]\narms = ["PRECISION"]\nclasses = ["SIP"]\nroute = "SC"')] + "".join(
    f'[[content]]\narms = {arms}\nclasses = {classes}\nroute = "IV"\nlevels = ["full", "reduced"]\nproduct = "SALINE"\n'
    'amount = "0 mg"\ndraw_ml = "20"\nfinal_ml = "20"\n'
    for arms, classes in (('["PRECISION"]', '["SIP"]'), ('["CONTROL"]', '["MALS", "SIP"]'))
)
THE_SAME = (
    (PLAN, PROTOCOL),
    (PLAN.replace('final_ml = "20"', 'final_ml = "20.0"'), PROTOCOL),
    (PLAN.replace('amount = "200 mg"', 'amount = "200.0 mg"'), PROTOCOL),
    (PLAN, PROTOCOL.replace('"anakinra 200 mg"', '"Anakinra 200mg"')),
)
OTHERWISE = [
    ('trial = "IMMUNOSEP"', 'trial = "OTHER"', "", "", "plan.toml: trial is OTHER, but protocol 1: trial is IMMUNOSEP"),
    (
        'final_ml = "20"',
        'final_ml = "25"',
        "",
        "",
        "plan.toml: content IV: final_ml is 25, but protocol 1: regimen.route IV: volume_ml is 20",
    ),
    (
        "",
        "",
        'volume_ml = "0.5"',
        'volume_ml = "1"',
        "plan.toml: content SC: final_ml is 0.5, but protocol 1: regimen.route SC: volume_ml is 1",
    ),
    (
        IV_FULL,
        IV_FULL.replace("200", "100"),
        "",
        "",
        "plan.toml: content PRECISION, MALS, IV, full: amount is 100 mg of anakinra 100 mg/0.67 mL, prefilled syringe, "
        "but protocol 1: regimen.route IV: strength is anakinra 200 mg",
    ),
    (
        "",
        "",
        'reduced_strength = "interferon gamma-1b 50 microgram"',
        'reduced_strength = "interferon gamma-1b 50 mg"',
        "plan.toml: content PRECISION, SIP, SC, reduced: amount is 50 microgram of interferon gamma-1b 100 "
        "microgram/0.5 mL, vial, but protocol 1: regimen.route SC: reduced_strength is interferon gamma-1b 50 mg",
    ),
    (
        "",
        "",
        '"interferon gamma-1b 100 microgram"',
        '"interferon alfa-2a 100 microgram"',
        "plan.toml: content PRECISION, SIP, SC, full: amount is 100 microgram of interferon gamma-1b 100 "
        "microgram/0.5 mL, vial, but protocol 1: regimen.route SC: strength is interferon alfa-2a 100 microgram",
    ),
    (
        'product = "SALINE"\namount = "0 mg"',
        'product = "SALINE"\namount = "9 mg"',
        "",
        "",
        "plan.toml: content PRECISION, MALS, SC, full: amount is 9 mg of sodium chloride 0.9 %, but protocol 1: "
        "regimen.route SC: strength is interferon gamma-1b 100 microgram",
    ),
    (
        'product = "INTERFERON"\namount = "100 microgram"',
        'product = "SALINE"\namount = "0 mg"',
        "",
        "",
        "plan.toml: content SC, full: product is sodium chloride 0.9 % in every arm, but protocol 1: regimen.route SC: "
        "strength is interferon gamma-1b 100 microgram",
    ),
]


DRAWN = 'amount = "200 mg"\ndraw_ml = "1.34"'
IN_UNITS = "plan.toml: product ANAKINRA: strength is 100 mg in units of 0.67 mL"
FULL = "plan.toml: content PRECISION, MALS, IV, full: draw_ml is"
CONTRADICTIONS = [
    (DRAWN, DRAWN.replace("1.34", "1.3"), f"{FULL} 1.3 mL for an amount of 200 mg, but {IN_UNITS}"),
    (DRAWN, DRAWN.replace("1.34", "1.341"), f"{FULL} 1.341 mL for an amount of 200 mg, but {IN_UNITS}"),
    (DRAWN, DRAWN.replace("200 mg", "200 microgram"), f"{FULL} 1.34 mL for an amount of 200 microgram, but {IN_UNITS}"),
    (DRAWN, DRAWN.replace("200 mg", "200 IU"), f"{FULL} 1.34 mL for an amount of 200 IU, but {IN_UNITS}"),
    (DRAWN, DRAWN.replace("200 mg", "two syringes"), f"{FULL} 1.34 mL for an amount of two syringes (write a number"),
    (
        'strength = "100 mg"',
        'strength = "150 mg/mL"',
        f"{FULL} 1.34 mL for an amount of 200 mg, but plan.toml: product ANAKINRA: strength is 150 mg/mL in units of",
    ),
    (
        'strength = "100 microgram"',
        'strength = "strong"',
        "plan.toml: content PRECISION, SIP, SC, full: draw_ml is 0.5 mL for an amount of 100 microgram, but plan.toml: "
        "product INTERFERON: strength is strong in units of 0.5 mL",
    ),
    (
        'amount = "50 microgram"\ndraw_ml = "0.25"',
        'amount = "50 microgram"\ndraw_ml = "0.5"',
        "plan.toml: content PRECISION, SIP, SC, reduced: draw_ml is 0.5 mL for an amount of 50 microgram, but "
        "plan.toml: product INTERFERON: strength is 100 microgram in units of 0.5 mL",
    ),
]


@pytest.mark.requirement("R08")
@pytest.mark.parametrize(("old", "new", "sentence"), CONTRADICTIONS)
def test_a_plan_that_draws_another_amount_than_it_names_is_refused_by_name(old: str, new: str, sentence: str) -> None:
    """With a protocol or without one: full dose and half dose differ by what is drawn, not by what is written."""
    assert old in PLAN
    plan = parse_plan(PLAN.replace(old, new))
    assert any(str(difference).startswith(sentence) for difference in contradictions(plan, plan_name="plan.toml"))
    for versions in ({}, {"in force at GR01": parse_protocol(PROTOCOL)}):
        with pytest.raises(ConfigurationError, match="draw_ml is") as refused:
            check_agreement(plan, versions, plan_name="plan.toml")
        assert refused.value.code == "plan_and_protocol"
        assert sentence in refused.value.sentence


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("", ""),
        ('draw_ml = "1.34"', 'draw_ml = "1.340"'),
        ('amount = "100 microgram"', 'amount = "0.1 mg"'),
        ('amount = "200 mg"', 'amount = "0.2g"'),
        ('strength = "100 microgram"', 'strength = "200 \u00b5g/mL"'),
        ('strength = "100 mg"', 'strength = "1 g per 6.7 mL"'),
        ('strength = "100 mg"\nstorage = "2-8 C"\nunit_ml = "0.67"', 'strength = "strong"\nstorage = "2-8 C"'),
    ],
)
def test_what_is_drawn_is_compared_exactly_however_it_is_written(old: str, new: str) -> None:
    """Without `unit_ml` one unit is enough for any dose, and nothing can be compared."""
    assert old in PLAN
    assert list(contradictions(parse_plan(PLAN.replace(old, new)))) == []


def test_a_plan_that_contradicts_itself_is_not_kept_and_makes_no_lists(
    trial: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that was kept before plans were compared with themselves makes no lists either."""
    wrong = PLAN_2.replace(DRAWN, DRAWN.replace("1.34", "0.67"))
    file = tmp_path / "second.toml"
    file.write_text(wrong, encoding="utf-8")
    with pytest.raises(CommandError, match=r"second\.toml: content PRECISION, MALS, IV, full: draw_ml is 0\.67 mL"):
        call_command("load_plan", str(file))
    monkeypatch.setattr(
        "randomization.unblinded.lists.services.register_plan.check_new_plan", lambda *args, **kwargs: None
    )
    register_plan(actor=SYSTEM, text=wrong)
    lists = SealedList.objects.count()
    with pytest.raises(ConfigurationError, match=r"draw_ml is 0\.67 mL for an amount of 200 mg"):
        generate_lists(actor=SYSTEM, site_codes=["GR01"], length=8, plan=2)
    assert SealedList.objects.count() == lists


@pytest.mark.parametrize(("plan", "protocol"), THE_SAME)
def test_files_that_say_the_same_agree_however_numbers_are_written(plan: str, protocol: str) -> None:
    assert differences(parse_plan(plan), parse_protocol(protocol)) == []


@pytest.mark.parametrize(("old", "new", "old_protocol", "new_protocol", "sentence"), OTHERWISE)
def test_each_difference_is_named_with_file_key_and_both_values(
    old: str, new: str, old_protocol: str, new_protocol: str, sentence: str
) -> None:
    assert old in PLAN
    assert old_protocol in PROTOCOL
    plan, protocol = PLAN.replace(old, new) if old else PLAN, PROTOCOL
    if old_protocol:
        protocol = protocol.replace(old_protocol, new_protocol)
    every = differences(parse_plan(plan), parse_protocol(protocol), plan_name="plan.toml")
    assert sentence in [str(difference) for difference in every]
    with pytest.raises(ConfigurationError, match=r"correct the file that is wrong") as refused:
        check_agreement(parse_plan(plan), {"in force at GR01": parse_protocol(protocol)}, plan_name="plan.toml")
    assert sentence in refused.value.sentence
    assert refused.value.code == "plan_and_protocol"


def test_a_route_that_only_one_of_the_files_has_is_a_difference() -> None:
    without = parse_plan(NO_SC_IN_PLAN)
    assert [str(difference) for difference in differences(without, parse_protocol(PROTOCOL))] == [
        "plan: content: route is IV, but protocol 1: regimen.route is IV, SC"
    ]


def test_a_plan_needs_one_version_that_agrees_and_nothing_to_compare_is_no_fault() -> None:
    thicker = parse_plan(PLAN.replace('final_ml = "20"', 'final_ml = "25"'))
    versions = {"in force at GR01": parse_protocol(PROTOCOL)}
    with pytest.raises(ConfigurationError, match=r"\(in force at GR01\)"):
        check_agreement(thicker, versions)
    check_agreement(thicker, {**versions, "in force at IT01": parse_protocol(PROTOCOL.replace('"20"', '"25"'))})
    check_agreement(thicker, {})


@pytest.mark.parametrize(
    ("old", "new", "keys"),
    [
        ('volume_ml = "20"', 'volume_ml = "25"', ["regimen.route IV: volume_ml"]),
        ('volume_ml = "20"', 'volume_ml = "20.00"', []),
        (
            'reduced_strength = "anakinra 100 mg"',
            'reduced_strength = "anakinra 50 mg"',
            ["regimen.route IV: reduced_strength"],
        ),
        ('trial = "IMMUNOSEP"', 'trial = "OTHER"', ["trial"]),
        ('late_hours = "2"', 'late_hours = "3"', []),
    ],
)
def test_what_a_new_version_changes_of_the_syringes(old: str, new: str, keys: list[str]) -> None:
    assert old in PROTOCOL
    changed = changed_syringes(parse_protocol(PROTOCOL), parse_protocol(PROTOCOL_2.replace(old, new)))
    assert [difference.key for difference in changed] == keys


@pytest.mark.requirement("R08")
@pytest.mark.parametrize(
    ("old", "new", "key"),
    [('final_ml = "20"', 'final_ml = "25"', "final_ml is 25"), ('trial = "IMMUNOSEP"', 'trial = "OTHER"', "trial is")],
)
def test_loading_a_plan_that_disagrees_is_refused_and_keeps_nothing(
    trial: None, tmp_path: Path, old: str, new: str, key: str
) -> None:
    file = tmp_path / "second.toml"
    file.write_text(PLAN_2.replace(old, new), encoding="utf-8")
    with pytest.raises(CommandError, match=rf"second\.toml: .*{key}.*in force at DE01, GR01, GR02"):
        call_command("load_plan", str(file))
    assert not PlanVersion.objects.filter(version=2).exists()
    file.write_text(PLAN_2, encoding="utf-8")
    call_command("load_plan", str(file))
    assert PlanVersion.objects.filter(version=2).exists()


def test_lists_are_not_made_for_a_site_whose_protocol_disagrees(trial: None) -> None:
    register(["IT01"], protocol=PROTOCOL_2.replace('volume_ml = "20"', 'volume_ml = "25"'))
    lists = SealedList.objects.count()
    with pytest.raises(ConfigurationError, match=r"final_ml is 20, but protocol 2.*volume_ml is 25.*IT01"):
        generate_lists(actor=SYSTEM, site_codes=["IT01"], length=8)
    with pytest.raises(ConfigurationError, match=r"final_ml is 20, but protocol 2.*volume_ml is 25.*IT01"):
        generate_fallback(actor=SYSTEM, site_codes=["GR01", "IT01"])
    assert SealedList.objects.count() == lists
    register_plan(actor=SYSTEM, text=PLAN_2.replace('final_ml = "20"', 'final_ml = "25"'))
    assert generate_lists(actor=SYSTEM, site_codes=["IT01"], length=8)
    with pytest.raises(ConfigurationError, match=r"final_ml is 25, but protocol 1"):
        generate_lists(actor=SYSTEM, site_codes=["GR01"], length=8, plan=2)
    assert generate_lists(actor=SYSTEM, site_codes=["GR01"], length=8), "a site keeps its plan"


def test_a_version_with_other_syringes_does_not_come_in_force_at_an_open_site(trial: None) -> None:
    thicker = register_protocol(actor=SYSTEM, text=PROTOCOL_2.replace('volume_ml = "20"', 'volume_ml = "25"'))
    with pytest.raises(Refused, match=r"regimen.route IV: volume_ml is 25, but protocol 1") as refused:
        approve_protocol(actor=SYSTEM, version=thicker.version, site_codes=["GR01"])
    assert refused.value.code == "syringes_changed"
    assert Site.objects.get(code="GR01").protocol == ProtocolVersion.objects.get(version="1")
    later = register_protocol(
        actor=SYSTEM, text=PROTOCOL_2.replace('"2"', '"3"', 1).replace('late_hours = "2"', 'late_hours = "3"')
    )
    approve_protocol(actor=SYSTEM, version=later.version, site_codes=["GR01"])
    assert Site.objects.get(code="GR01").protocol == ProtocolVersion.objects.get(version=later.version)


@pytest.mark.requirement("R08")
@pytest.mark.parametrize("ferritin", ["9000", "900"])
def test_nothing_is_prepared_or_printed_where_label_and_instruction_would_disagree(trial: None, ferritin: str) -> None:
    """Whatever the class and arm: the whole plan is compared before anything is opened."""
    number = play.enrol(Case("GR01", ferritin=ferritin)).participant
    generate_fallback(actor=SYSTEM, site_codes=["GR01"])
    thicker = register_protocol(actor=SYSTEM, text=PROTOCOL_2.replace('volume_ml = "20"', 'volume_ml = "25"'))
    with tampering():
        Site.objects.filter(code="GR01").update(protocol=ProtocolVersion.objects.get(version=thicker.version).sha256)
    pharmacist, openings = cast.at_site(Role.PHARMACIST, "GR01"), AssignmentAccess.objects.count()
    for dose in Dose.objects.filter(course__participant__number=number, number=1):
        with pytest.raises(Refused, match=r"final_ml is 20, but protocol 2.*call the trial manager") as refused:
            prepare(actor=pharmacist, dose_uid=dose.uid)
        assert refused.value.code == "plan_and_protocol"
    with pytest.raises(Refused, match=r"final_ml is 20"):
        print_envelopes(actor=cast.STATISTICIAN, site_code="GR01")
    assert not Preparation.objects.exists()
    assert AssignmentAccess.objects.count() == openings
