"""The templates of letters at hand: those of this release, and what a landlord put in their place; and enclosures.

A landlord's folder holds `<template>.toml`, or `<template>.<language>.toml` for a translation, and under `enclosures`
the files that go with letters: `policy.pdf`, or `policy.2021-01-01.pdf` for the policy that takes effect on that day.
Fonts for scripts that ours do not have lie under `fonts`.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self

from application.letters import Enclosure, NoTemplate, TemplateBroken
from domain.letter_fields import TEMPLATES
from domain.letter_template import LONGEST_TEMPLATE, Template, TemplateRefused, load_template

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence
    from datetime import date
    from importlib.resources.abc import Traversable

    from domain.baseline import Baseline
    from domain.policy import Policy

ENCLOSURES: Final = "enclosures"
FONTS: Final = "fonts"
ENCLOSURE_TYPES: Final = {".pdf": "application/pdf", ".txt": "text/plain"}
LARGEST_ENCLOSURE: Final = 10 * 1024 * 1024  # bytes; what most mail servers still take
LANGUAGE: Final = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}", re.ASCII)  # a BCP 47 tag, as people write them


@dataclass(frozen=True, slots=True)
class TemplateShelf:
    """One landlord's templates, by code and language; None is English, in which ours are.

    `problems` are lines of "file: part: what is wrong". What a landlord put in the place of a template and cannot be
    used is never silently passed over for ours: no letter is written from that template until it is mended.
    """

    by_code: Mapping[tuple[str, str | None], Template]
    problems: Mapping[tuple[str, str | None], tuple[str, ...]]
    strays: tuple[str, ...] = ()  # about files that are no template at all
    folder: Path | None = None

    @classmethod
    def stocked(cls, policies: Sequence[Policy], baseline: Baseline, folder: Path | None = None) -> Self:
        """The released templates, and those in `folder` before them."""
        released = dict(_released())
        known = {code for template in released.values() for code in template.says()} | set(baseline.contents)
        known |= {code for policy in policies for notice in policy.notices.values() for code in notice.contents}
        by_code: dict[tuple[str, str | None], Template] = {(code, None): one for code, one in released.items()}
        problems: dict[tuple[str, str | None], tuple[str, ...]] = {}
        strays: list[str] = []
        for file in _in(folder):
            name = file.name
            code, _, language = name.removesuffix(".toml").partition(".")
            if code not in TEMPLATES or (language and not LANGUAGE.fullmatch(language)):
                strays.append(f"{name}: is no template's name; there are {', '.join(TEMPLATES)}, each .toml")
                continue
            key = (code, language or None)
            try:
                with file.open("rb") as opened:
                    content = opened.read(LONGEST_TEMPLATE + 1)
                by_code[key] = load_template(content, name, code, known)
            except TemplateRefused as refused:
                by_code.pop(key, None)
                problems[key] = refused.problems
            except OSError as error:
                by_code.pop(key, None)
                problems[key] = (f"{name}: the file as a whole: cannot be read: {error.strerror}",)
        return cls(by_code, problems, tuple(strays), folder)

    def all_problems(self) -> tuple[str, ...]:
        """Everything that is wrong with this landlord's templates."""
        return (*(line for lines in self.problems.values() for line in lines), *self.strays)

    def is_own(self, template: Template) -> bool:
        """Whether it is one of the landlord's, and not of this release."""
        return self.folder is not None and (self.folder / template.name).is_file()

    def template(self, code: str, language: str | None) -> Template:
        """The template to write from. Raises `TemplateBroken`, and `NoTemplate` where there is none in the language."""
        key = (code, None if language is None or language.partition("-")[0] == "en" else language)
        if key in self.problems:
            raise TemplateBroken(self.problems[key])
        if key not in self.by_code:
            there = sorted(known for of, known in self.by_code if of == code and known)
            others = f"; there are {', '.join(there)}" if there else ""
            raise NoTemplate(f"There is no template {code} in the language {language}{others}.")
        return self.by_code[key]

    def fonts(self) -> Path | None:
        """The landlord's folder of further fonts, if there is one."""
        folder = None if self.folder is None else self.folder / FONTS
        return folder if folder is not None and folder.is_dir() else None

    def enclosure(self, code: str, effective: date) -> Enclosure | None:
        """The file that goes with letters under that code, for the policy of that effective date, if there is one."""
        if self.folder is None:
            return None
        for name in (f"{code}.{effective.isoformat()}", code):
            for suffix, media_type in ENCLOSURE_TYPES.items():
                file = self.folder / ENCLOSURES / f"{name}{suffix}"
                if file.is_file() and 0 < file.stat().st_size <= LARGEST_ENCLOSURE:
                    content = file.read_bytes()
                    sha256 = hashlib.sha256(content).hexdigest()
                    return Enclosure(code=code, name=file.name, media_type=media_type, sha256=sha256, content=content)
        return None


def _released() -> Iterator[tuple[str, Template]]:
    """Ours; one that cannot be read is our own fault, and tests find it."""
    folder: Traversable = files("infrastructure.letters") / "templates"
    for code in TEMPLATES:
        content = (folder / f"{code}.toml").read_bytes()
        yield code, load_template(content, f"{code}.toml", code, _Anything())


class _Anything(frozenset[str]):
    """Contents of which each is known: what ours say is held against all policies by tests."""

    def __contains__(self, item: object) -> bool:
        return True


def _in(folder: Path | None) -> Iterator[Path]:
    if folder is None or not folder.is_dir():
        return
    for file in sorted(folder.iterdir()):
        if file.suffix == ".toml" and not file.name.startswith("."):
            yield file


def known_enclosures(policy: Policy) -> Collection[str]:
    """The codes of everything that the policy wants to go with some letter."""
    return {code for notice in policy.notices.values() for code in notice.enclosures}
