"""A protocol file: every key is asked for, each of another kind is refused by its name, and so is what cannot be.

What the file says together with a plan, and sentences of single keys, are in
`tests/unblinded/lists/test_plan_and_protocol.py`; many errors at once in `tests/blinded/sites/test_files_at_once.py`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final

import pytest

from immunosep_site.demonstration.fixtures import FIXTURES
from randomization.shared.errors import ConfigurationError
from randomization.shared.protocol import Protocol, parse_protocol

pytestmark = pytest.mark.once
TEXT: Final = (FIXTURES / "protocol.toml").read_text(encoding="utf-8")
LINES: Final = TEXT.splitlines()
ONE_LANGUAGE: Final = TEXT[: TEXT.index("[label_words.el]")].count("\n")
"""The lines of every table and of one language; the other languages have the same keys."""
KEYS: Final = [
    pytest.param(order, match[1], id=f"{order + 1}: {match[1]}")
    for order, line in enumerate(LINES[:ONE_LANGUAGE])
    if (match := re.match(r"(\w+) = ", line))
]
HEADINGS: Final = ["eligibility", "immune_rules", "analytes", "moments", "regimen", "renal_rule", "label_words"]
OPTIONAL: Final = {"ward_hours", "first_ready_after_hours", "replacement_after_hours"}
HOUR: Final = timedelta(hours=1)
HALF: Final = HOUR / 2


def refused(text: str) -> set[str]:
    """The keys that are named where a file is refused."""
    with pytest.raises(ConfigurationError) as refusal:
        parse_protocol(text, name="protocol.toml")
    assert refusal.value.sentence
    errors: tuple[ConfigurationError, ...] = getattr(refusal.value, "errors", (refusal.value,))
    return {str(error.field) for error in errors}


def changed(old: str, new: str) -> str:
    assert old in TEXT, old
    return TEXT.replace(old, new, 1)


def test_there_are_keys_to_try() -> None:
    assert len(KEYS) > 100


@pytest.mark.parametrize(("order", "key"), [key for key in KEYS if key.values[1] not in OPTIONAL])
def test_a_key_that_is_missing_is_named(order: int, key: str) -> None:
    assert refused("\n".join([*LINES[:order], *LINES[order + 1 :]])) == {key}


@pytest.mark.parametrize(("order", "key"), KEYS)
@pytest.mark.parametrize("value", ["-1", '["", 1.5]'])
def test_a_key_of_another_kind_is_named(order: int, key: str, value: str) -> None:
    assert refused("\n".join([*LINES[:order], f"{key} = {value}", *LINES[order + 1 :]])) == {key}


@pytest.mark.parametrize("heading", HEADINGS)
def test_a_table_that_is_missing_or_no_table_is_named(heading: str) -> None:
    parts = re.split(r"^(?=\[)", TEXT, flags=re.MULTILINE)
    without = [part for part in parts if not re.match(rf"\[+{heading}[].]", part)]
    assert len(without) < len(parts)
    assert refused("".join(without)) == {heading}
    assert refused(f"{heading} = 3\n" + "".join(without)) == {heading}


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ('window_hours = "72"', 'window_hours = "0.0001"', "window_hours"),
        ('window_hours = "72"', 'window_hours = "0"', "window_hours"),
        ('window_hours = "72"', "window_hours = 72.5", "window_hours"),
        ('window_hours = "72"', 'window_hours = "NaN"', "window_hours"),
        ("least_age_years = 18", "least_age_years = true", "least_age_years"),
        ("least_age_years = 18", 'least_age_years = "18"', "least_age_years"),
        ('consent_versions = ["1.0"]', 'consent_versions = ["1.0", "1.0"]', "consent_versions"),
        ('mals_ferritin_above_ng_ml = "4420"', 'mals_ferritin_above_ng_ml = "4420.001"', "mals_ferritin_above_ng_ml"),
        ('reduced_below_ml_min = "30"', 'reduced_below_ml_min = "30.0001"', "reduced_below_ml_min"),
        ('mals_ferritin_above_ng_ml = "4420"', 'mals_ferritin_above_ng_ml = "200001"', "analytes"),
        ('sip_hla_dr_below_per_monocyte = "5000"', 'sip_hla_dr_below_per_monocyte = "299"', "analytes"),
        ("least_neutrophils_per_mm3 = 1500", "least_neutrophils_per_mm3 = 49", "analytes"),
        ('reduced_below_ml_min = "30"', 'reduced_below_ml_min = "251"', "analytes"),
        ('unit = "ng/mL"', 'unit = "ug/L"', "unit"),
        ('unit = "umol/L"', 'unit = "mg/dL"', "unit"),
        ('unit = "mL/min"', 'unit = "mL/s"', "unit"),
        ('decimals = 2\nplausible_from = "10"', 'decimals = 3\nplausible_from = "10"', "decimals"),
        ('plausible_from = "10"', 'plausible_from = "10.001"', "plausible_from"),
        ('plausible_to = "200000"', 'plausible_to = "10"', "plausible_to"),
        ("oldest_years = 110", "oldest_years = 151", "oldest_years"),
        ("doses = 45", "doses = 1001", "doses"),
        ('volume_ml = "20"', 'volume_ml = "0"', "volume_ml"),
        ('early_hours = "2"', 'early_hours = "-0.5"', "early_hours"),
        ('least_interval_hours = "4"', 'least_interval_hours = "8.5"', "least_interval_hours"),
        ('usable_after_hours = "4"', 'usable_after_hours = "22"', "in_use_hours"),
        ("ward_hours = [6, 14, 22]", "ward_hours = []", "ward_hours"),
        ("ward_hours = [6, 14, 22]", "ward_hours = [24]", "ward_hours"),
        ("ward_hours = [6, 14, 22]", "ward_hours = [-1]", "ward_hours"),
        ("ward_hours = [6, 14, 22]", 'ward_hours = ["6"]', "ward_hours"),
        ('late_shown_every_hours = "0.5"', 'late_shown_every_hours = "7"', "late_shown_every_hours"),
        ('first_dose_ahead_hours = "24"', 'first_dose_ahead_hours = "0.5"', "first_dose_ahead_hours"),
        ('starts = "2021-08-05"', 'starts = "5 Aug 2021"', "starts"),
        ("months = 33", "months = 601", "months"),
        ('eligible = ["MALS", "SIP"]', 'eligible = ["MALS", "MALS"]', "eligible"),
        ('eligible = ["MALS", "SIP"]', "eligible = []", "eligible"),
    ],
)
def test_what_cannot_be_is_refused_by_its_key(old: str, new: str, key: str) -> None:
    assert refused(changed(old, new)) == {key}


@pytest.mark.parametrize(
    ("old", "new", "read", "value"),
    [
        ('window_hours = "72"', 'window_hours = "0.5"', lambda protocol: protocol.eligibility.window, HALF),
        ("window_hours", "window_hours", lambda protocol: protocol.eligibility.window, 72 * HOUR),
        ('early_hours = "2"', 'early_hours = "0"', lambda protocol: protocol.regimen.route("IV").early, 0 * HOUR),
        (
            'ready_lead_hours = "2"',
            'ready_lead_hours = "0"',
            lambda protocol: protocol.regimen.route("IV").ready_lead,
            0 * HOUR,
        ),
        ("ward_hours = [6, 14, 22]", "", lambda protocol: protocol.regimen.shifted, None),
        ('first_ready_after_hours = "1"', "", lambda protocol: protocol.regimen.first_ready_after, HOUR),
        ('replacement_after_hours = "1"', "", lambda protocol: protocol.regimen.replacement_after, HOUR),
        ("doses = 45", "doses = 46", lambda protocol: protocol.regimen.length, timedelta(days=16)),
        ("doses = 45", "doses = 1", lambda protocol: protocol.regimen.length, timedelta(days=15)),
        ('consent_versions = ["1.0"]', "consent_versions = []", lambda protocol: protocol.consent_versions, ()),
        ("keep_out_of_reach = false", "keep_out_of_reach = true", lambda protocol: protocol.keep_out_of_reach, True),
    ],
)
def test_what_may_be_is_read_as_it_stands(old: str, new: str, read: Callable[[Protocol], Any], value: Any) -> None:
    assert read(parse_protocol(changed(old, new))) == value


@pytest.mark.parametrize("heading", ["logistics", "recruitment"])
def test_a_table_that_may_be_left_out_is_then_nothing(heading: str) -> None:
    parts = re.split(r"^(?=\[)", TEXT, flags=re.MULTILINE)
    text = "".join(part for part in parts if not part.startswith(f"[{heading}]"))
    assert getattr(parse_protocol(TEXT), heading) is not None
    assert getattr(parse_protocol(text), heading) is None
