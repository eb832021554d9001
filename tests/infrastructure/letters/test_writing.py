"""Letters as text and PDF: complete for every landlord, read on record, and nothing of a value is ever obeyed."""

from __future__ import annotations

import hashlib
import re
import zlib
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from importlib.metadata import version
from pathlib import Path
from threading import Barrier, Lock

import pytest

from application.letters import (
    LetterAsked,
    NoTemplate,
    NothingToWriteAbout,
    NotTypeset,
    Sheet,
    TemplateBroken,
    WordsGone,
)
from application.ports import PersonDetails
from domain.calendar import DeliveryMethod
from domain.codes import CaseId, LetterFormat, NoticeKind
from domain.decisions.appeals import LodgeAppeal
from domain.decisions.measures import MeasureRequest
from domain.decisions.notices import Letter, letter_is_complete
from domain.decisions.safe_contact import InstructSafeContact
from domain.decisions.support import DecideAdjustment, RequestAdjustment
from domain.letter_template import Block, Item, Written
from domain.letter_values import day_in_words
from domain.personal import ERASED
from infrastructure.letters import writing
from infrastructure.letters.page import LetterPage
from infrastructure.letters.printable import printable
from infrastructure.typesetting import typeset
from tests.domain.test_advice_reached import kept
from tests.domain.test_main_road import LANDLORDS
from tests.domain.world import Road, words
from tests.infrastructure.a_writer import ACCESS, InMemory


def restricted(landlord: str = "derby", **changes: object) -> tuple[InMemory, str]:
    """A case with a restriction of which the customer was not told yet, and whoever writes about it."""
    road = Road(landlord)
    return InMemory(road.world), road.restricted(told=False, **changes)


@pytest.mark.parametrize("landlord", LANDLORDS)
def test_a_decision_letter_says_everything_that_policy_and_baseline_want(landlord: str, tmp_path: Path) -> None:
    (tmp_path / "enclosures").mkdir()
    (tmp_path / "enclosures" / "policy.pdf").write_bytes(b"%PDF-1.7 the policy")
    road = Road(landlord)
    restriction = road.restricted(told=False)
    draft = InMemory(road.world).draft(NoticeKind.DECISION, restriction, folder=tmp_path)
    notice = road.policy.notices[NoticeKind.DECISION]
    assert set(road.contents(NoticeKind.DECISION)) <= set(draft.contents)
    assert draft.enclosures == tuple(notice.enclosures)
    letter = Letter(
        kind=NoticeKind.DECISION,
        about=restriction,
        method=DeliveryMethod.BY_HAND,
        sent_at=road.world.now,
        contents=draft.contents,
        enclosures=draft.enclosures,
        accessible=True,
        text=None,
    )
    assert list(letter_is_complete(letter, road.world.situation("case_officer"))) == []


def test_a_letter_says_what_is_so_in_words_that_a_tenant_reads() -> None:
    draft = restricted()[0].draft(NoticeKind.DECISION, "restriction-1")
    for said in (
        "Derby Homes",
        "Ms Robin Example\n14 Quarry Lane\nMickleover\nDerby\nDE3 9ZZ",
        "Monday 9 March 2026",
        "Dear Ms Robin Example",
        "Who answers: Alex Case Officer.",
        "When: Tuesdays at 10:00.",
        "Its last day is Tuesday 9 March 2027.",
        "within 20 working days of getting this letter",
        "Housing Ombudsman",
        "- an emergency repair",
        "Alex Head Of Service\nHead of Service\nDerby Homes",
    ):
        assert said in draft.text
    assert "_" not in draft.text
    assert "None" not in draft.text


def test_what_lacks_is_not_said_to_be_there() -> None:
    memory, restriction = restricted("maidstone")
    memory.erased = True
    draft = memory.draft(NoticeKind.DECISION, restriction)
    assert not {"behaviour", "reasons", "why"} & set(draft.contents)
    assert draft.enclosures == ()
    assert "Ask us if you would like a copy" in draft.text


def test_only_what_the_letter_uses_is_read_and_it_is_on_record() -> None:
    memory, restriction = restricted()
    memory.draft(NoticeKind.DECISION, restriction)
    fields = {name for access in memory.read for name in access.fields}
    assert any(name.endswith(".behaviour") for name in fields)
    assert any(name.startswith("staff.") for name in fields)
    memory.read.clear()
    memory.draft(Sheet.PARTNER_INFORMATION, restriction)
    fields = {name for access in memory.read for name in access.fields}
    assert not any(name.endswith((".behaviour", ".reason", ".proportionality")) for name in fields)


def test_a_partner_learns_what_holds_and_neither_who_nor_why() -> None:
    memory, restriction = restricted()
    draft = memory.draft(Sheet.PARTNER_INFORMATION, restriction)
    assert "T-4711" in draft.text
    assert "Robin" not in draft.text
    assert "Quarry" not in draft.text
    assert "in words" not in draft.text


@pytest.mark.parametrize("kind", Sheet)
def test_a_sheet_speaks_of_the_customer_and_not_to_them(kind: Sheet) -> None:
    memory, restriction = restricted()
    said = memory.draft(kind, restriction).text
    assert "danger to the customer or to anybody else" in said
    assert " for you" not in said
    assert "your " not in said


def test_the_address_stands_in_the_window_also_where_the_language_is_written_from_the_right() -> None:
    memory, restriction = restricted()
    arabic = memory.draft(NoticeKind.DECISION, restriction, language="ar", translation="قرارنا\n\nنكتب إليك.")
    streams = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", arabic.pdf, re.DOTALL)
    drawn = b"".join(zlib.decompress(one) for one in streams if one[:1] == b"\x78")
    placed = [(float(x), float(y)) for x, y in re.findall(rb"([\d.]+) ([\d.]+) cm", drawn)]
    window = [x for x, y in placed if 640 < y < 725]  # points from the foot of the page
    assert min(window, default=0.0) == pytest.approx(25 / 25.4 * 72, abs=0.1)  # at the left margin


def test_no_address_stands_on_a_letter_to_somebody_who_is_not_safe_by_post() -> None:
    memory, restriction = restricted()
    memory.world.do(InstructSafeContact(methods=(DeliveryMethod.BY_HAND,), words=words()))
    draft = memory.draft(NoticeKind.DECISION, restriction)
    assert "Ms Robin Example" in draft.text
    assert "Quarry" not in draft.text


def test_what_was_said_in_another_case_of_the_customer_holds_for_the_letter_too() -> None:
    memory, restriction = restricted()
    earlier = Road("derby", stream="case-0").opened()
    earlier.world.do(InstructSafeContact(methods=(DeliveryMethod.BY_HAND,), words=words()))
    earlier.world.do(RequestAdjustment(kind="other", needs=words()))
    agreed = DecideAdjustment(
        adjustment="adjustment-1", agreed=True, instruction=words("Write in large print."), reason=words()
    )
    earlier.world.do(agreed)
    memory.world.others = (earlier.world.case,)
    text = memory.draft(NoticeKind.DECISION, restriction).text
    assert "Quarry" not in text
    assert "- Write in large print." in text
    assert "This is what we agreed with you." in text


def test_a_letter_comes_in_the_form_that_was_agreed_unless_another_is_asked_for() -> None:
    memory, restriction = restricted("star")
    assert memory.draft(NoticeKind.DECISION, restriction).format is LetterFormat.STANDARD
    memory.world.do(RequestAdjustment(kind="large_print", needs=words()))
    memory.world.do(DecideAdjustment(adjustment="adjustment-1", agreed=True, instruction=words(), reason=words()))
    assert memory.draft(NoticeKind.DECISION, restriction).format is LetterFormat.LARGE_PRINT
    assert memory.draft(Sheet.STAFF_INFORMATION, restriction).format is LetterFormat.STANDARD
    assert memory.draft(NoticeKind.DECISION, restriction, LetterFormat.BRAILLE).format is LetterFormat.BRAILLE


HOSTILE = '#read("/etc/passwd") #import "@preview/x:1.0.0" $x$ *b* _i_ `raw` <a> @ref \\ // --- {name} = Heading'


def test_a_value_that_looks_like_code_is_printed_as_it_is() -> None:
    memory, restriction = restricted(behaviour=words(HOSTILE))
    memory.person = PersonDetails("T-1", HOSTILE, HOSTILE)
    draft = memory.draft(NoticeKind.DECISION, restriction)
    assert HOSTILE in draft.text
    assert draft.pdf.startswith(b"%PDF-")


WAVE = "\U0001f44b\U0001f3fd"  # with the tone of a skin
FAMILY = "\U0001f468\u200d\U0001f469"  # two pictures joined to one


@pytest.mark.parametrize(
    ("written", "printed"),
    [
        (f"Hello {WAVE}!", "Hello [waving hand sign]!"),
        (f"{FAMILY} left", "[man][woman] left"),
        ("\ufeffa\ufe0f\uf8ff\ufdd0b", "ab"),
        ("\u0644\u200d\u0627", "\u0644\u200d\u0627"),  # a joiner between letters is part of writing
        ("\u0174\u0142\u20ac \u201cso\u201d \u2713", "\u0174\u0142\u20ac \u201cso\u201d \u2713"),
    ],
)
def test_what_has_no_form_is_left_out_and_an_emoji_is_printed_as_its_name(written: str, printed: str) -> None:
    assert printable(written) == printed
    memory, restriction = restricted(behaviour=words(written))
    memory.person = PersonDetails("T-1", written)
    draft = memory.draft(NoticeKind.DECISION, restriction)
    assert draft.pdf.startswith(b"%PDF-")
    assert written in draft.text


def test_a_script_without_a_font_stops_the_letter_with_what_helps_and_without_the_name() -> None:
    memory, restriction = restricted()
    memory.person = PersonDetails("T-1", "\u4f60\u597d")
    with pytest.raises(NotTypeset, match="Put a font that has it into the folder `fonts`") as stopped:
        memory.draft(NoticeKind.DECISION, restriction)
    assert "\u4f60" not in str(stopped.value)


def test_a_landlords_own_fonts_are_given_to_the_typesetter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    memory, restriction = restricted()
    (tmp_path / "fonts").mkdir()
    given: list[object] = []

    def noted(template: Path, data: Mapping[str, object], *, dated: date, fonts: Path | None) -> bytes:
        given.append(fonts)
        return typeset(template, data, dated=dated, fonts=fonts)

    monkeypatch.setattr(writing, "typeset", noted)
    assert memory.draft(NoticeKind.DECISION, restriction, folder=tmp_path).pdf.startswith(b"%PDF-")
    memory.draft(NoticeKind.DECISION, restriction)
    assert given == [tmp_path / "fonts", None]


@pytest.mark.parametrize("letter_format", LetterFormat)
def test_what_is_absurdly_long_is_printed_in_every_form(letter_format: LetterFormat) -> None:
    memory, restriction = restricted(behaviour=words("W" * 3_000 + " " + "word " * 3_000))
    memory.person = PersonDetails("T-1", "Robin " * 200, "\n".join(["A lane with a long name " * 9] * 40))
    draft = memory.draft(NoticeKind.DECISION, restriction, letter_format, remarks="https://elm.example/" + "a/" * 900)
    assert draft.pdf.startswith(b"%PDF-")
    assert len(draft.pdf) < 500_000


def test_no_more_letters_are_typeset_at_once_than_the_machine_bears(monkeypatch: pytest.MonkeyPatch) -> None:
    memory, restriction = restricted()
    writer, lock, together = memory.writer(), Lock(), Barrier(writing.AT_ONCE, timeout=30)
    under_way: list[int] = []
    most = 0

    def slow(*_: object, **__: object) -> bytes:
        nonlocal most
        with lock:
            under_way.append(1)
            most = max(most, len(under_way))
        together.wait()
        with lock:
            under_way.pop()
        return b"%PDF-"

    monkeypatch.setattr(writing, "typeset", slow)
    asked = LetterAsked(case=CaseId("case-1"), kind=NoticeKind.DECISION, about=restriction)
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda _: writer.draft(asked, ACCESS), range(6)))
    assert most == writing.AT_ONCE


def test_the_pdf_can_be_followed_by_a_screen_reader() -> None:
    draft = restricted()[0].draft(NoticeKind.DECISION, "restriction-1")
    assert b"/MarkInfo" in draft.pdf
    assert b"/Lang" in draft.pdf
    assert b"/StructTreeRoot" in draft.pdf
    assert b"pdfuaid:part>1<" in draft.pdf
    assert b"Our decision about how you contact us" in draft.pdf


def test_the_same_letter_has_the_same_bytes_and_another_form_has_others() -> None:
    memory, restriction = restricted()
    standard = memory.draft(NoticeKind.DECISION, restriction)
    assert memory.draft(NoticeKind.DECISION, restriction).pdf == standard.pdf
    large = memory.draft(NoticeKind.DECISION, restriction, LetterFormat.LARGE_PRINT)
    easy = memory.draft(NoticeKind.DECISION, restriction, LetterFormat.EASY_READ)
    assert len({standard.pdf, large.pdf, easy.pdf}) == 3
    assert standard.text == large.text == easy.text


def test_nothing_is_written_about_what_the_case_does_not_have() -> None:
    memory, _ = restricted()
    with pytest.raises(NothingToWriteAbout, match="it has restriction-1"):
        memory.draft(NoticeKind.DECISION, "restriction-2")
    for kind in NoticeKind:
        with pytest.raises(NothingToWriteAbout):
            memory.draft(kind, "nothing-9")


def test_nobody_writes_to_somebody_who_was_erased() -> None:
    memory, restriction = restricted()
    memory.person = ERASED
    with pytest.raises(WordsGone):
        memory.draft(NoticeKind.DECISION, restriction)


def test_somebody_without_a_name_is_a_dear_customer() -> None:
    memory, restriction = restricted()
    memory.person = None
    assert "Dear customer" in memory.draft(NoticeKind.DECISION, restriction).text


# templates of a landlord's own


def own(folder: Path, name: str, text: str) -> None:
    """A template that a landlord put into its folder."""
    (folder / name).write_text(text, encoding="utf-8")


OURS = 'subject = "Ours"\nsalutation = "Hello {name}"\n[parts.a]\ntext = "On {decided_on} we decided."\n'


def test_a_landlord_replaces_a_template_by_a_file_of_its_name(tmp_path: Path) -> None:
    own(tmp_path, "decision.toml", OURS)
    memory, restriction = restricted()
    draft = memory.draft(NoticeKind.DECISION, restriction, folder=tmp_path)
    assert "Hello Ms Robin Example" in draft.text
    assert "On Monday 9 March 2026 we decided." in draft.text
    assert draft.contents == ()
    assert draft.template_sha256 != memory.draft(NoticeKind.DECISION, restriction).template_sha256


def test_a_broken_template_is_never_passed_over_for_ours(tmp_path: Path) -> None:
    own(tmp_path, "decision.toml", OURS.replace("{decided_on}", "{today}"))
    own(tmp_path, "decison.toml", OURS)
    memory, restriction = restricted()
    with pytest.raises(TemplateBroken, match=r"decision.toml: parts.a.text: there is no field \{today\}"):
        memory.draft(NoticeKind.DECISION, restriction, folder=tmp_path)
    problems = memory.writer(tmp_path).problems()
    assert [line.split(":")[0] for line in problems] == ["decision.toml", "decison.toml"]
    memory.draft(Sheet.STAFF_INFORMATION, restriction, folder=tmp_path)


def test_a_translation_is_a_template_of_its_own(tmp_path: Path) -> None:
    own(tmp_path, "decision.cy.toml", OURS.replace("Hello", "Annwyl"))
    memory, restriction = restricted()
    welsh = memory.draft(NoticeKind.DECISION, restriction, folder=tmp_path, language="cy")
    assert "Annwyl Ms Robin Example" in welsh.text
    assert "Annwyl" not in memory.draft(NoticeKind.DECISION, restriction, folder=tmp_path).text
    with pytest.raises(NoTemplate, match="in the language pl; there are cy"):
        memory.draft(NoticeKind.DECISION, restriction, folder=tmp_path, language="pl")


def test_a_translators_words_take_the_place_of_the_templates() -> None:
    memory, restriction = restricted()
    english = memory.draft(NoticeKind.DECISION, restriction)
    words_of_theirs = "Nasza decyzja\n\nPiszemy do Pana.\n# Dlaczego\nBo tak {name} #read.\n\nKoniec."
    polish = memory.draft(NoticeKind.DECISION, restriction, language="pl", translation=words_of_theirs)
    assert polish.contents == english.contents
    assert "Nasza decyzja\n\nPiszemy do Pana.\n\nDlaczego\n\nBo tak {name} #read.\n\nKoniec." in polish.text
    assert "What happened" not in polish.text
    assert b"/Lang(pl" in polish.pdf
    assert "Alex Head Of Service" in polish.text
    for language in ("zh-Hant-TW", "cy-GB", "en-GB-oxendict"):
        assert memory.draft(NoticeKind.DECISION, restriction, language=language, translation="Yes").pdf


def test_the_policy_that_was_in_force_is_enclosed(tmp_path: Path) -> None:
    (tmp_path / "enclosures").mkdir()
    (tmp_path / "enclosures" / "policy.pdf").write_bytes(b"%PDF any")
    (tmp_path / "enclosures" / "policy.2021-01-01.pdf").write_bytes(b"%PDF of that day")
    memory, restriction = restricted("maidstone")
    draft = memory.draft(NoticeKind.DECISION, restriction, folder=tmp_path)
    assert [one.content for one in draft.enclosed] == [b"%PDF of that day"]
    assert "A copy of our policy comes with this letter." in draft.text
    assert "With this letter:" in draft.text


def test_an_appeal_is_acknowledged_with_who_hears_it_and_until_when() -> None:
    memory, restriction = restricted()
    memory.world.do(LodgeAppeal(against=restriction, about="decision", by=memory.world.case.person, reasons=words()))
    draft = memory.draft(NoticeKind.APPEAL_ACKNOWLEDGEMENT, "appeal-1")
    assert "We got your appeal on Monday 9 March 2026." in draft.text
    assert "Member of the Executive Team" in draft.text
    assert "You get our answer by" in draft.text


def test_a_template_that_cannot_even_be_read_is_told_of(tmp_path: Path) -> None:
    (tmp_path / "decision.toml").mkdir()
    (tmp_path / "breach.toml").symlink_to(tmp_path / "nowhere.toml")
    memory, restriction = restricted()
    assert [
        line.partition(": the file as a whole: cannot be read: ")[0] for line in memory.writer(tmp_path).problems()
    ] == [
        "breach.toml",
        "decision.toml",
    ]
    with pytest.raises(TemplateBroken, match=r"decision\.toml"):
        memory.draft(NoticeKind.DECISION, restriction, folder=tmp_path)


# The bytes of one page, for the version of typst that made them. They change with `letter.typ` alone, and with typst.
KNOWN = {"0.15.2": "5188af0b4ea74f7cf9942d35f79e1cd1fb1296ec57c9cc31cea7968cb45a0860"}


def test_a_page_has_the_bytes_that_this_version_of_typst_is_known_to_make() -> None:
    block = Block("What happened", ("A bell rang.",), (Item("One", ("Two",)), Item(None, ("Three",))), ("Done.",))
    page = LetterPage(
        landlord="Elm Homes",
        date="Monday 2 March 2026",
        reference="elm-1",
        written=Written("About a bell", "Dear Robin", (block,), "Yours sincerely", ()),
        address=("Robin Example", "1 Elm Lane"),
        signer="Alex Oak",
        signer_post="Manager",
        enclosures=("Our policy",),
    )
    template = Path(writing.__file__).parent / "typst" / "letter.typ"
    made = typeset(template, page.as_data(), dated=date(2026, 3, 2))
    assert hashlib.sha256(made).hexdigest() == KNOWN[version("typst")]


@pytest.mark.parametrize(("code", "invited"), [("letter_only", False), ("witness", True)])
def test_nobody_is_invited_to_ring_whose_calls_are_limited(code: str, invited: bool) -> None:
    road = kept(Road("derby"), "office", "foundry_street", telephone="01632 960331")
    measure = MeasureRequest(code=code, reason=words(), words=words() if code == "witness" else None)
    restriction = road.restricted(measure, told=False)
    draft = InMemory(road.world).draft(NoticeKind.DECISION, restriction)
    assert ("01632 960331" in draft.text) is invited


def test_a_decision_letter_that_is_late_tells_the_reviews_and_the_end_as_they_stand_on_its_day() -> None:
    road = Road("star")
    restriction = road.restricted(told=False)
    known = road.world.case.restrictions[0]
    first, last = min(review.due_on for review in known.schedule), known.ends_on
    said = InMemory(road.world).draft(NoticeKind.DECISION, restriction).text
    assert day_in_words(first) in said
    road.world.wait((last - road.world.today).days - 5)
    later = last + timedelta(days=60)
    road.world.do(road.extension(restriction, later), by=road.decider())
    said = InMemory(road.world).draft(NoticeKind.DECISION, restriction).text
    assert f"Its last day is {day_in_words(later)}" in said
