"""Templates of letters: plain text with fields of a fixed list, and never a sentence that is only half there."""

from __future__ import annotations

from pathlib import Path

import pytest

from domain.codes import NoticeKind
from domain.letter_fields import FIELDS, TEMPLATES, fields_of, lists_of
from domain.letter_template import Template, TemplateRefused, load_template, write
from domain.letters import wanted_contents
from tests.domain.test_main_road import LANDLORDS
from tests.policies import baseline, policy

SMALL = """
subject = "About {landlord}"

[parts.first]
says = ["behaviour"]
text = "You did this: {behaviour}"
"""

# The templates from which a letter of each kind is written.
OF_KIND: dict[NoticeKind, tuple[str, ...]] = {
    **{kind: (kind.value,) for kind in NoticeKind if kind.value in TEMPLATES},
    NoticeKind.DECISION: ("decision", "decision_interim"),
    NoticeKind.VARIATION: ("variation", "easing"),
    NoticeKind.REVIEW_OUTCOME: ("review_outcome", "review_declined"),
    NoticeKind.APPEAL_OUTCOME: ("appeal_outcome", "appeal_declined"),
    NoticeKind.ENDING: ("ending", "withdrawn_as_wrong"),
}


def released(code: str) -> Template:
    """One of ours."""
    root = Path(__file__).parents[2] / "infrastructure" / "letters" / "templates"
    known = {c for name in LANDLORDS for notice in policy(name).notices.values() for c in notice.contents}
    content = (root / f"{code}.toml").read_bytes()
    return load_template(content, f"{code}.toml", code, known | set(baseline().contents))


def taken(text: str, code: str = "warning") -> Template:
    """A template out of this text."""
    return load_template(text.encode(), f"{code}.toml", code, {"behaviour", "change_asked"})


def refused(text: str, code: str = "warning") -> list[str]:
    """What is wrong with it."""
    with pytest.raises(TemplateRefused) as found:
        taken(text, code)
    return list(found.value.problems)


@pytest.mark.parametrize("code", TEMPLATES)
def test_every_template_of_ours_uses_only_what_it_may(code: str) -> None:
    template = released(code)
    fields, lists = template.uses()
    assert fields <= {*fields_of(code), *lists_of(code)}
    assert set(lists) <= set(lists_of(code))


@pytest.mark.parametrize("landlord", LANDLORDS)
@pytest.mark.parametrize("kind", NoticeKind)
def test_every_letter_has_a_part_for_everything_that_policy_and_baseline_want_said(
    landlord: str, kind: NoticeKind
) -> None:
    for code in OF_KIND[kind]:
        missing = set(wanted_contents(kind, policy(landlord), baseline())) - released(code).says()
        assert not missing, f"{code}.toml"


def test_a_part_says_what_it_says_only_when_it_is_there() -> None:
    template = taken(SMALL)
    with_it = write(template, {"landlord": "Elm Homes", "behaviour": "Forty calls."}, {})
    assert [block.paragraphs for block in with_it.blocks] == [("You did this: Forty calls.",)]
    assert with_it.contents == ("behaviour",)
    without = write(template, {"landlord": "Elm Homes", "behaviour": None}, {})
    assert (without.blocks, without.contents) == ((), ())


def test_what_stands_in_a_value_is_never_read_as_a_field() -> None:
    written = write(taken(SMALL), {"landlord": "Elm Homes", "behaviour": "{name} {{x}} #read"}, {})
    assert written.blocks[0].paragraphs == ("You did this: {name} {{x}} #read",)


def test_lines_of_a_value_stay_lines_and_lines_of_the_template_go_on() -> None:
    text = SMALL.replace('"You did this: {behaviour}"', '"""You did\nthis: {behaviour}\n\nPlease stop."""')
    written = write(taken(text), {"landlord": "Elm Homes", "behaviour": "Twice:\n- at noon\n\n- at night"}, {})
    said = ("You did this: Twice:", "- at noon", "- at night", "Please stop.")
    assert written.blocks[0].paragraphs == said


def test_a_list_is_gone_through_and_lines_without_a_value_are_left_out() -> None:
    text = """
subject = "Measures"
[parts.measures]
each = "measures"
item_title = "{title}"
item = '''
{means}
When: {times}.
'''
"""
    measures = [{"title": "One person", "means": "One person answers."}, {"title": "Times", "times": "Mondays"}]
    written = write(taken(text, "decision"), {}, {"measures": measures})
    assert [(item.title, item.lines) for item in written.blocks[0].items] == [
        ("One person", ("One person answers.",)),
        ("Times", ("When: Mondays.",)),
    ]
    assert write(taken(text, "decision"), {}, {"measures": []}).blocks == ()


def test_a_part_can_depend_on_what_there_is() -> None:
    text = SMALL + '\n[parts.other]\nunless = ["behaviour"]\ntext = "Nothing is known."\n'
    found = write(taken(text), {"landlord": "Elm"}, {})
    assert [block.paragraphs for block in found.blocks] == [("Nothing is known.",)]


def test_an_unknown_field_is_refused_with_its_part() -> None:
    (problem,) = refused(SMALL.replace("{behaviour}", "{behavior}"))
    assert problem.startswith("warning.toml: parts.first.text: there is no field {behavior}; there are ")
    assert "behaviour" in problem


def test_an_unknown_content_is_refused_with_its_part() -> None:
    (problem,) = refused(SMALL.replace('["behaviour"]', '["behavior"]'))
    assert problem.startswith("warning.toml: parts.first.says: neither policy nor baseline knows the content behavior")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("subject = ", "warning.toml: is not TOML"),
        ('subject = "x"', "warning.toml: parts: is missing"),
        (SMALL.replace("text =", "txet ="), "parts.first.txet: is not a key that a template has here"),
        (SMALL.replace("{behaviour}", "{behaviour"), "parts.first.text: a single { stands there"),
        (SMALL + 'each = "houses"\nitem = "x"\n', "parts.first.each: there is no list houses"),
        (SMALL + 'item = "{date}"\n', "parts.first.item: belongs to a list"),
        (SMALL + 'each = "incidents"\nitem = "{what}"\n', "parts.first.item: there is no field {what}"),
        (SMALL + 'each = "incidents"\n', "parts.first.item: says nothing of each item"),
        (SMALL + 'only_if = ["hurry"]\n', "parts.first.only_if: there is no field hurry"),
        ('subject = "x"\n[parts.empty]\n', "parts.empty: has neither text nor a list"),
        (
            'subject = "{behaviour.__class__}"\n[parts.a]\ntext = "x"\n',
            "subject: there is no field {behaviour.__class__}",
        ),
    ],
)
def test_a_template_that_cannot_be_used_says_what_is_wrong_and_where(text: str, says: str) -> None:
    assert any(says in problem for problem in refused(text))


def test_everything_that_is_wrong_is_said_at_once() -> None:
    assert len(refused(SMALL.replace("{behaviour}", "{one} {two}").replace("{landlord}", "{three}"))) == 3


def test_a_template_of_absurd_size_is_not_read() -> None:
    assert "more than" in refused(SMALL + "# " + "x" * 70_000)[0]


def test_every_field_is_described() -> None:
    assert all(words for code in FIELDS for words in fields_of(code).values())


def test_the_documentation_lists_every_field_and_every_list() -> None:
    told = (Path(__file__).parents[2] / "docs" / "letters.md").read_text(encoding="utf-8")
    for code in TEMPLATES:
        assert f"`{code}`" in told
        for name, says in fields_of(code).items():
            assert f"| `{{{name}}}` | {says} |" in told, name
        for name, of_items in lists_of(code).items():
            assert f"`{name}`" in told, name
            assert all(f"`{{{one}}}`" in told for one in of_items)
