"""Every word of every page, of e-mails and errors, in every language."""

from __future__ import annotations

import ast
import html
import re
from collections.abc import Iterator
from enum import Enum
from pathlib import Path

import polib
import pytest
from django.utils.translation import override
from django.utils.translation.template import templatize

from pharmacy.preparation.states import CheckMode, PreparationState, Risk
from pharmacy.stock.hold_causes import HoldCause, Outcome
from pharmacy.stock.ledger import Kind
from randomization.accounts.languages import LANGUAGES
from randomization.accounts.roles import Role
from randomization.accounts.selectors import Addressee
from randomization.blinded.allocation.models import MisallocationKind
from randomization.blinded.bedside.states import DoseState, StopCause, WardRequestKind
from randomization.blinded.desk.models import AlertKind
from randomization.blinded.screening.models import DeviationKind, Scope
from randomization.blinded.screening.states import State
from randomization.notices.mail import message_for
from randomization.notices.models import Entry
from randomization.shared import clock
from randomization.shared.service import Side
from randomization.unblinded.formulary.contents import Level
from randomization.unblinded.laboratory.models import Analyte
from tests.both.databases import ROOT
from tests.both.worlds.forbidden import FORBIDDEN
from tests.pseudo import SAME

pytestmark = pytest.mark.once
OTHERS = [code for code, _name in LANGUAGES if code != "en"]
LOCALE = ROOT / "immunosep_site" / "locale"
HOUSE = [ROOT / name for name in ("immunosep_site", "randomization", "pharmacy")]
TEMPLATES = sorted(path for folder in HOUSE for path in folder.rglob("*.html") if path.parent.name != "admin")
SOURCES = sorted(
    path
    for folder in HOUSE
    for path in folder.rglob("*.py")
    if not {"migrations", "management", "demonstration", "settings"} & set(path.parts)
)
TO_PROGRAMS = re.compile(
    r"/api(\.py|/)|/authentication\.py|/vault/|/hatch/|/inbox/|/unblinded/lists/(services|checkpoints|custody|plan|verify)"
)
"""What answers programs and operators, in English: API, commands, messages, and what lies under them."""
ERRORS = {"InvalidInput", "Refused", "NotFound", "NotPermitted", "SignatureRefused"}
STORED: tuple[type[Enum], ...] = (
    Role,
    State,
    DoseState,
    StopCause,
    WardRequestKind,
    PreparationState,
    CheckMode,
    Risk,
    Level,
    Kind,
    HoldCause,
    Outcome,
    Side,
    DeviationKind,
    Scope,
)
CALLS = {"_", "gettext", "gettext_lazy", "gettext_noop", "pgettext", "pgettext_lazy"}
QUOTED = r"""u?(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")"""
MARKED = re.compile(rf"(?:gettext\(|pgettext\({QUOTED}, )({QUOTED})")
PLACES = re.compile(r"%\(\w+\)[sd]|\{\w+\}")
SAME_EVERYWHERE = re.compile(rf"\b({SAME}|min|mm3|h|PIN|GR01|script|id)\b|\d")


def catalogue(language: str) -> polib.POFile:
    return polib.pofile(str(LOCALE / language / "LC_MESSAGES" / "django.po"))


def in_template(text: str) -> set[str]:
    """What a template marks, as the extraction sees it."""
    return {ast.literal_eval(literal) for literal in MARKED.findall(templatize(text))}


def in_source(text: str) -> set[str]:
    """What a module marks by a call with a plain text."""
    texts = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in CALLS and node.args:
            message = node.args[1] if node.func.id.startswith("pgettext") else node.args[0]
            if isinstance(message, ast.Constant) and isinstance(message.value, str):
                texts.add(message.value)
    return texts


def marked() -> Iterator[tuple[Path, str]]:
    for path in TEMPLATES:
        yield from ((path, message) for message in in_template(path.read_text(encoding="utf-8")))
    for path in SOURCES:
        yield from ((path, message) for message in in_source(path.read_text(encoding="utf-8")))


@pytest.mark.parametrize("language", OTHERS)
def test_every_marked_text_is_translated_with_its_places(language: str) -> None:
    entries = {entry.msgid: entry for entry in catalogue(language)}
    count = 0
    for path, message in marked():
        entry = entries.get(message)
        assert entry is not None, (path.name, message, "run make messages")
        assert entry.translated(), (language, message)
        count += 1
    assert count > 1700
    for entry in entries.values():
        assert entry.translated(), (language, entry.msgid)
        assert "fuzzy" not in entry.flags
        for words in [entry.msgstr, *entry.msgstr_plural.values()]:
            if words:
                assert sorted(PLACES.findall(words)) == sorted(PLACES.findall(entry.msgid)), (language, entry.msgid)
            assert FORBIDDEN.search(words) is None, (language, words)


@pytest.mark.parametrize("language", OTHERS)
def test_what_is_compiled_is_what_was_translated_and_is_marked_for_review(language: str) -> None:
    source = catalogue(language)
    compiled = polib.mofile(str(LOCALE / language / "LC_MESSAGES" / "django.mo"))
    assert {(message.msgctxt, message.msgid, message.msgstr) for message in compiled} == {
        (message.msgctxt, message.msgid, message.msgstr) for message in source
    }
    assert "for review by a native speaker" in source.header
    same = [entry.msgid for entry in source if entry.msgid == entry.msgstr and len(entry.msgid.split()) > 2]
    assert same == [], "left in English"


def bare_words(text: str) -> list[str]:
    """Words of a template that nobody marked: in its text, and in attributes that are read or heard."""
    text = re.sub(r"{%\s*(blocktranslate|comment).*?{%\s*end\1\s*%}", " ", text, flags=re.DOTALL)
    heard = re.findall(r'(?:aria-label|title|placeholder|alt)="((?:{%.*?%}|{{.*?}}|[^"{])*)"', text)
    shown = re.sub(r"<(script|style)\b.*?</\1>", " ", text, flags=re.DOTALL)
    shown = re.sub(r"{%.*?%}|{{.*?}}|{#.*?#}", " ", shown, flags=re.DOTALL)
    shown = re.sub(r'<[^>]*>|\bhx-[\w-]+="[^"]*"', " ", shown)
    every = [shown, *(re.sub(r"{%.*?%}|{{.*?}}", " ", fragment) for fragment in heard)]
    left = [SAME_EVERYWHERE.sub(" ", html.unescape(fragment)) for fragment in every]
    return [word for fragment in left for word in re.findall(r"[^\W\d_]{2,}", fragment)]


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_no_text_of_these_pages_is_left_unmarked(path: Path) -> None:
    assert bare_words(path.read_text(encoding="utf-8")) == []


def unmarked_errors(text: str) -> list[str]:
    """Errors raised with a plain text, which no page can say in another language."""
    calls = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call) and node.args]
    return [
        ast.unparse(node)
        for node in calls
        if isinstance(node.func, ast.Name)
        and node.func.id in ERRORS
        and isinstance(node.args[0], ast.Constant | ast.JoinedStr)
    ]


def test_no_error_of_a_page_is_raised_unmarked() -> None:
    for path in SOURCES:
        if not TO_PROGRAMS.search(str(path)):
            assert unmarked_errors(path.read_text(encoding="utf-8")) == [], path


def test_every_stored_word_is_known() -> None:
    known = {entry.msgid for entry in catalogue("de")}
    words = {item.value.replace("_", " ") for kind in STORED for item in kind}
    labels = {item.label for kind in (AlertKind, MisallocationKind, Analyte) for item in kind}
    assert (words | labels) - known == set()


def test_an_unmarked_text_is_caught() -> None:
    assert unmarked_errors('raise Refused(f"{x} is late.")') == ["Refused(f'{x} is late.')"]
    assert unmarked_errors('raise Refused(_("late"), code="late")') == []
    assert bare_words('<p title="{% translate "x" %}">{% translate "Dose" %} {{ number }} IV 07</p>') == []
    assert bare_words("<p>{% translate 'Dose' %} given</p>") == ["given"]
    assert bare_words('<svg aria-label="Timetable {{ number }}"></svg>') == ["Timetable"]
    block = "{% blocktranslate trimmed %}a b{% endblocktranslate %}"
    assert in_template(f'{{% load i18n %}}{{% translate "Dose" context "x" %}}{block}') == {"Dose", "a b"}


def test_an_e_mail_is_written_in_the_language_of_its_reader() -> None:
    entry = Entry(
        channel="people",
        kind="dose_late",
        site_code="GR01",
        payload='{"participant": "GR01-001"}',
        deliver_at=clock.now(),
    )
    written = {code: message_for(entry, Addressee("a@example.org", code)) for code, _name in LANGUAGES}
    assert len({mail.subject for mail in written.values()}) == len({mail.body for mail in written.values()}) == 7
    assert all("GR01-001" in mail.body for mail in written.values())
    with override("el"):
        assert written["en"].subject == "ImmunoSep GR01: a dose is late"
