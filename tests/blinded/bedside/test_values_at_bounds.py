"""Rules compare what was typed: values just below each bound, through page and API, and storage that does not round."""

from __future__ import annotations

import json
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from django.apps import apps
from django.db import models
from hypothesis import given
from hypothesis import strategies as st

from immunosep_site.demonstration.fixtures import FIXTURES
from randomization.accounts.roles import Role
from randomization.audit.models import Event
from randomization.blinded.bedside.models import Administration, Clearance, Dose
from randomization.blinded.bedside.renal import cockcroft_gault, to_mg_dl
from randomization.blinded.screening.eligibility import Facts, reasons_against
from randomization.delivery.forms import NumberField
from randomization.shared import clock
from randomization.shared.errors import ConfigurationError, InvalidInput, ProgrammingError
from randomization.shared.exact import check_fits, cut_off, fits, plain
from randomization.shared.exact_field import ExactDecimalField
from randomization.shared.protocol import load_protocol, parse_protocol
from randomization.shared.verdict import Verdict
from tests.blinded.world import NUMBER, at, ready
from tests.permissions import client_of

NURSE = at(Role.NURSE)
A, P = f"/api/v1/participants/{NUMBER}/creatinine-clearances/", f"/participants/{NUMBER}/clearance/"
RULES = load_protocol(FIXTURES / "protocol.toml").eligibility


def local(hours: float = -0.5) -> str:
    return f"{clock.site_moment(clock.now() + timedelta(hours=hours), 'Europe/Athens'):%Y-%m-%dT%H:%M}"


def last() -> Clearance:
    return Clearance.objects.order_by("-id")[0]


def post(address: str, body: dict[str, Any]) -> Any:
    return client_of(NURSE).post(address, json.dumps(body), "application/json")


@pytest.mark.requirement("R08")
@pytest.mark.parametrize(
    ("typed", "reduced"),
    [
        ("29.95", True),
        ("29.96", True),
        ("29.99", True),
        ("29,999", True),
        ("29.999999", True),
        ("30", False),
        ("30.0", False),
        ("30.000001", False),
    ],
)
def test_a_clearance_just_below_the_bound_is_reduced_by_page_and_by_api(trial: None, typed: str, reduced: bool) -> None:
    value = typed.replace(",", ".")
    form = {"method": "measured", "value_ml_min": typed, "sampled_at": local()}
    assert client_of(NURSE).post(P, form).status_code == 302
    assert last().value_ml_min == Decimal(value)
    page = client_of(NURSE).get(f"/participants/{NUMBER}/doses/").content.decode()
    assert f"{plain(Decimal(value))} mL/min" in page
    assert ("reduced dose is printed" in page) == reduced
    body = {"method": "measured", "value_ml_min": value, "sampled_at": clock.stamp(clock.now())}
    answer = post(A, body)
    assert (answer.status_code, answer.json()["reduced"]) == (201, reduced)
    assert json.loads(Event.objects.filter(action="clearance.record").order_by("-id")[0].data)["value_ml_min"] == value


def test_what_could_only_be_kept_rounded_is_refused_by_both(trial: None) -> None:
    form = {"method": "measured", "value_ml_min": "29.9999999", "sampled_at": local()}
    before = Clearance.objects.count()
    assert client_of(NURSE).post(P, form).status_code == 422
    body = {"method": "measured", "value_ml_min": "29.9999999", "sampled_at": clock.stamp(clock.now())}
    assert post(A, body).status_code == 422
    assert Clearance.objects.count() == before


@pytest.mark.requirement("R08")
def test_a_computed_clearance_is_compared_exactly_and_kept_with_its_source(trial: None) -> None:
    year = clock.now().year - 1960
    weight = Decimal(40) * (140 - 66) / (140 - year)  # as heavy as 40 kg at 66 years
    typed = {
        "method": "cockcroft_gault",
        "creatinine": "103",
        "unit": "umol/L",
        "weight_kg": f"{weight:.4f}",
        "sampled_at": local(),
    }
    assert client_of(NURSE).post(P, typed).status_code == 302
    clearance = last()
    assert clearance.value_ml_min is not None
    assert Decimal("29.99") <= clearance.value_ml_min < 30
    assert (clearance.creatinine, clearance.creatinine_unit, clearance.age_years) == (Decimal(103), "umol/L", year)
    page = client_of(NURSE).get(f"/participants/{NUMBER}/doses/").content.decode()
    assert "reduced dose is printed" in page
    assert "computed from creatinine 103 umol/L" in page
    api = {
        "method": "cockcroft_gault",
        "creatinine": "103",
        "creatinine_unit": "umol/L",
        "weight_kg": f"{weight:.4f}",
        "sampled_at": clock.stamp(clock.now()),
    }
    answer = post(A, api)
    assert (answer.status_code, answer.json()["reduced"]) == (201, True)
    assert last().value_ml_min == clearance.value_ml_min


def test_the_unit_of_creatinine_is_chosen_and_never_taken_for_granted(trial: None) -> None:
    page = client_of(NURSE).get(P).content.decode()
    assert '<option value="" selected>' in page
    typed = {"method": "cockcroft_gault", "creatinine": "103", "weight_kg": "70", "sampled_at": local()}
    before = Clearance.objects.count()
    assert client_of(NURSE).post(P, typed).status_code == 422
    assert "Choose the unit" in client_of(NURSE).post(P, {**typed, "unit": ""}).content.decode()
    answer = post(A, {**typed, "sampled_at": clock.stamp(clock.now())})
    assert (answer.status_code, "creatinine_unit" in answer.json()["errors"]) == (422, True)
    assert Clearance.objects.count() == before


@given(
    age=st.integers(18, 100),
    weight=st.decimals(20, 400, places=2),
    creatinine=st.integers(9, 2600),
    female=st.booleans(),
    threshold=st.decimals(1, 200, places=3),
)
def test_a_computed_clearance_lies_on_the_side_of_the_exact_one(
    age: int, weight: Decimal, creatinine: int, female: bool, threshold: Decimal
) -> None:
    exact = Fraction(140 - age) * Fraction(weight) * Fraction(884, 10) / (72 * creatinine)
    exact *= Fraction(85, 100) if female else 1
    clearance = cockcroft_gault(
        age_years=age, weight_kg=weight, female=female, creatinine_mg_dl=to_mg_dl(Decimal(creatinine), "umol/L")
    )
    assert (clearance < threshold) == (exact < Fraction(threshold))


@pytest.mark.requirement("R08")
@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"neutrophils_per_mm3": 1499}, "neutropenia"),
        ({"neutrophils_per_mm3": 1500}, ""),
        ({"age": 17}, "age"),
        ({"age": 18}, ""),
        ({"sepsis": timedelta(hours=72)}, "window_over"),
        ({"sepsis": timedelta(hours=72) - timedelta(microseconds=1)}, ""),
        ({"drawn": timedelta(microseconds=-1)}, "sample_before_consent"),
        ({"drawn": timedelta(0)}, ""),
    ],
)
def test_each_bound_of_eligibility(changed: dict[str, Any], code: str) -> None:
    now = clock.now()
    facts = Facts(
        sepsis_at=now - changed.get("sepsis", timedelta(hours=30)),
        consent_at=now - timedelta(hours=5),
        answers={item.key: item.kind == "inclusion" for item in RULES.criteria},
        year_of_birth=now.year - changed.get("age", 60),
        verdict=Verdict.ELIGIBLE,
        neutrophils_per_mm3=changed.get("neutrophils_per_mm3", 9000),
        drawn_at=now - timedelta(hours=5) + changed.get("drawn", timedelta(hours=1)),
    )
    assert [reason.code for reason in reasons_against(facts, RULES, now)] == ([code] if code else [])


@pytest.mark.parametrize(
    ("route", "typed", "outcome"),
    [
        ("SC", "0.499", "part_given"),
        ("SC", "0.499999", "part_given"),
        ("SC", "0.5", "given"),
        ("IV", "19.995", "part_given"),
        ("IV", "20.0", "given"),
    ],
)
def test_a_volume_just_below_the_whole_is_a_part(trial: None, route: str, typed: str, outcome: str) -> None:
    dose = Dose.objects.select_related("course").get(course__participant__number=NUMBER, route=route, number=1)
    body = {"participant_number": NUMBER, "barcode": ready(dose), "volume_ml": typed}
    assert post(f"/api/v1/doses/{dose.uid}/administration/", body).status_code == 201
    administration = Administration.objects.get(dose=dose)
    assert (administration.outcome, administration.volume_ml) == (outcome, Decimal(typed))


def test_more_than_the_whole_volume_is_refused_at_its_exact_bound(trial: None) -> None:
    dose = Dose.objects.select_related("course").get(course__participant__number=NUMBER, route="IV", number=1)
    body = {"participant_number": NUMBER, "barcode": ready(dose), "volume_ml": "20.000001"}
    assert post(f"/api/v1/doses/{dose.uid}/administration/", body).status_code == 422
    assert not Administration.objects.filter(dose=dose).exists()


@pytest.mark.parametrize("model", [item for item in apps.get_models() if item.__module__.startswith(("ran", "phar"))])
def test_no_decimal_column_rounds(model: type[models.Model]) -> None:
    for field in model._meta.concrete_fields:
        assert not isinstance(field, models.DecimalField) or isinstance(field, ExactDecimalField), field.name


def test_a_column_refuses_to_round(trial: None) -> None:
    with pytest.raises(ProgrammingError, match="rounded"):
        Clearance.objects.filter(value_ml_min=Decimal("1.0000001")).exists()


@pytest.mark.parametrize(
    ("value", "good"), [("29.999999", True), ("29.9999990", True), ("29.9999999", False), ("1234567", False)]
)
def test_what_fits(value: str, good: bool) -> None:
    assert fits(Decimal(value)) == good
    if not good:
        with pytest.raises(InvalidInput):
            check_fits(Decimal(value), field="value")


def test_a_value_is_cut_off_and_shown_without_zeros_at_its_end() -> None:
    assert cut_off(Fraction(29999999, 1000000), 3) == Decimal("29.999")
    assert [str(plain(Decimal(value))) for value in ("30.0", "29.950", "1E+2", "0.10")] == ["30", "29.95", "100", "0.1"]


@pytest.mark.parametrize("text", ["1e1", "1_000", "1.2.3", "NaN", "Infinity", "--3", "٣"])
def test_a_number_is_digits_and_a_point(text: str) -> None:
    from django.core.exceptions import ValidationError

    with pytest.raises(ValidationError):
        NumberField().to_python(text)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('reduced_below_ml_min = "30"', 'reduced_below_ml_min = "29.9999"'),
        ('window_hours = "72"', 'window_hours = "71.99999"'),
        ('mals_ferritin_above_ng_ml = "4420"', 'mals_ferritin_above_ng_ml = "4420.001"'),
        ('volume_ml = "0.5"', 'volume_ml = "0.50000001"'),
    ],
)
def test_a_protocol_with_a_bound_that_would_be_rounded_is_refused(old: str, new: str) -> None:
    text = (FIXTURES / "protocol.toml").read_text(encoding="utf-8")
    assert old in text
    with pytest.raises(ConfigurationError, match="rounded"):
        parse_protocol(text.replace(old, new))
