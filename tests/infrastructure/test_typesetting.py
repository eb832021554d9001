"""A template becomes an accessible PDF, and whatever is wrong with it stays with it."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from infrastructure import typesetting
from infrastructure.typesetting import TypesettingFailed, typeset

TEMPLATE = """
#let data = json(bytes(sys.inputs.data))
#set document(title: "A letter")
#set text(lang: "en")
= For #data.name
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "templates").mkdir()
    return tmp_path / "templates"


def template(folder: Path, text: str) -> Path:
    path = folder / "letter.typ"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_template_becomes_a_tagged_pdf(folder: Path) -> None:
    pdf = typeset(template(folder, TEMPLATE), {"name": "Zoë Ὀδυσσεύς"})

    assert pdf.startswith(b"%PDF-1.7")
    assert b"pdfuaid" in pdf
    assert b"/StructTreeRoot" in pdf


def test_the_same_template_and_data_give_the_same_bytes(folder: Path) -> None:
    letter = template(folder, TEMPLATE)

    first = typeset(letter, {"name": "A"}, dated=date(2026, 2, 28))

    assert typeset(letter, {"name": "A"}, dated=date(2026, 2, 28)) == first
    assert b"D:20260228" in first
    assert typeset(letter, {"name": "B"}, dated=date(2026, 2, 28)) != first


def test_a_pdf_without_a_title_is_not_accessible_and_refused(folder: Path) -> None:
    with pytest.raises(TypesettingFailed, match="missing document title"):
        typeset(template(folder, "= Hello"), {})


def test_a_picture_without_words_for_it_is_refused(folder: Path) -> None:
    picture = '<svg xmlns=\\"http://www.w3.org/2000/svg\\" width=\\"9\\" height=\\"9\\"/>'
    unsaid = f'#set document(title: "x")\n#image(bytes("{picture}"))'

    with pytest.raises(TypesettingFailed, match="alt"):
        typeset(template(folder, unsaid), {})


def test_an_unknown_field_is_named_with_its_line(folder: Path) -> None:
    wrong = TEMPLATE + "#data.adress\n"

    with pytest.raises(TypesettingFailed, match="adress") as refused:
        typeset(template(folder, wrong), {"name": "A"})

    assert refused.value.place == "letter.typ:6"


def test_no_value_of_the_data_stands_in_an_error(folder: Path) -> None:
    loud = TEMPLATE + "#panic(data.name)\n"

    with pytest.raises(TypesettingFailed) as refused:
        typeset(template(folder, loud), {"name": 'Mary "May" Smith'})

    assert "Mary" not in str(refused.value)
    assert "May" not in repr(refused.value)


@pytest.mark.parametrize("path", ["../outside.txt", "/../outside.txt"])
def test_nothing_outside_the_folder_is_read(folder: Path, path: str) -> None:
    (folder.parent / "outside.txt").write_text("a secret", encoding="utf-8")

    with pytest.raises(TypesettingFailed, match=r"escape the project root|not found"):
        typeset(template(folder, f'#set document(title: "x")\n#read("{path}")'), {})


def test_a_link_in_the_folder_is_refused(folder: Path) -> None:
    (folder.parent / "outside.txt").write_text("a secret", encoding="utf-8")
    (folder / "inside.txt").symlink_to(folder.parent / "outside.txt")

    with pytest.raises(TypesettingFailed, match="a link"):
        typeset(template(folder, TEMPLATE), {"name": "A"})


@pytest.fixture
def registry(monkeypatch: pytest.MonkeyPatch) -> Iterator[socket.socket]:
    """Somebody who would answer, were this process' own ways out used."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        monkeypatch.setenv("ALL_PROXY", f"http://127.0.0.1:{server.getsockname()[1]}")
        yield server


def test_a_template_reaches_no_network(folder: Path, registry: socket.socket) -> None:
    fetching = '#set document(title: "x")\n#import "@preview/cetz:0.3.0"\n'

    with pytest.raises(TypesettingFailed, match="package"):
        typeset(template(folder, fetching), {})

    with pytest.raises(TimeoutError):
        registry.accept()


def test_a_template_that_never_ends_is_ended(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(typesetting, "SECONDS", 1)
    endless = '#set document(title: "x")\n#let f(n) = range(n).map(i => range(n)).len()\n' + "#f(100000)\n" * 50

    with pytest.raises(TypesettingFailed, match=r"not done after|broke off"):
        typeset(template(folder, endless), {})


def test_more_data_than_a_document_can_hold_is_refused(folder: Path) -> None:
    with pytest.raises(TypesettingFailed, match="characters of data"):
        typeset(template(folder, TEMPLATE), {"name": "x" * typesetting.LONGEST})
