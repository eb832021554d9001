"""Reading and filling the template of a letter: parts with plain text and `{fields}`, and no code at all.

A part is left out whole when a field of its text has nothing to say, so that no sentence is ever half there; a line of
a list's item is left out likewise. What a part says, as codes of policy and baseline, counts only when it is there.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Final

from pydantic import Field, ValidationError

from domain.letter_fields import fields_of, lists_of
from domain.policy import Code, Strict

LONGEST_TEMPLATE: Final = 64 * 1024  # bytes; the longest of ours has a tenth of it
BRACES: Final = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")
HEADING: Final = re.compile(r"^(#.*)$", re.MULTILINE)
TextOf = Annotated[str, Field(max_length=6_000)]
Codes = Annotated[tuple[Code, ...], Field(max_length=20)]

# A value of a field, or None when there is nothing to say; a list has a mapping for each of its items.
Values = Mapping[str, str | None]
Lists = Mapping[str, Sequence[Values]]


class Part(Strict):
    """One part of a letter: a heading, paragraphs, and one list at most."""

    says: Codes = ()
    heading: TextOf | None = None
    text: TextOf = ""
    only_if: Codes = ()  # all of these fields, or lists, have something to say
    unless: Codes = ()  # none of these has
    each: Code | None = None  # a list, gone through item by item
    item_title: TextOf | None = None
    item: TextOf = ""
    after: TextOf = ""


class TemplateText(Strict):
    """A template as its file says it."""

    subject: TextOf
    salutation: TextOf | None = None
    closing: TextOf | None = None
    parts: Annotated[Mapping[Code, Part], Field(min_length=1, max_length=60)]


@dataclass(frozen=True, slots=True)
class Template:
    """A template that was checked, under its code, with the hash of the very bytes that it was read from."""

    code: str
    name: str  # of the file
    text: TemplateText
    sha256: str

    def uses(self) -> tuple[frozenset[str], Mapping[str, frozenset[str]]]:
        """Which fields it uses, and which fields of the items of which lists."""
        text = self.text
        fields = set(_used(text.subject)) | set(_used(text.salutation)) | set(_used(text.closing))
        lists: dict[str, set[str]] = {}
        for part in text.parts.values():
            fields |= {*_used(part.heading), *_used(part.text), *_used(part.after), *part.only_if, *part.unless}
            if part.each is not None:
                lists.setdefault(part.each, set()).update(_used(part.item_title), _used(part.item))
        for name in fields & set(lists_of(self.code)):
            lists.setdefault(name, set())
        return frozenset(fields), {name: frozenset(used) for name, used in lists.items()}

    def says(self) -> frozenset[str]:
        """Every content that one of its parts can say."""
        return frozenset(code for part in self.text.parts.values() for code in part.says)


class TemplateRefused(Exception):
    """A template that cannot be taken; `problems` are lines of "file: part: what is wrong"."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


@dataclass(frozen=True, slots=True)
class Item:
    """One entry of a list in a letter."""

    title: str | None
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Block:
    """One part of a letter as it is read."""

    heading: str | None
    paragraphs: tuple[str, ...]
    items: tuple[Item, ...]
    after: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Written:
    """A letter in words, whatever it is printed on; `contents` are the codes of what it says."""

    subject: str
    salutation: str | None
    blocks: tuple[Block, ...]
    closing: str | None
    contents: tuple[str, ...]


def load_template(source: bytes, name: str, code: str, known_contents: Collection[str]) -> Template:
    """The template in `source`, the bytes of a file called `name`. Raises `TemplateRefused` with all that is wrong.

    `known_contents` are the codes that policy or baseline have for some letter.
    """
    if len(source) > LONGEST_TEMPLATE:
        raise TemplateRefused([f"{name}: the file as a whole: has more than {LONGEST_TEMPLATE} bytes"])
    try:
        text = TemplateText.model_validate(tomllib.loads(source.decode("utf-8")))
    except UnicodeDecodeError as error:
        raise TemplateRefused([f"{name}: byte {error.start}: is not UTF-8"]) from error
    except tomllib.TOMLDecodeError as error:
        raise TemplateRefused([f"{name}: is not TOML: {error}"]) from error
    except (ValidationError, RecursionError) as error:
        found = error.errors() if isinstance(error, ValidationError) else []
        lines = [f"{name}: {_place(problem['loc'])}: {_reason(problem['msg'])}" for problem in found]
        raise TemplateRefused(lines or [f"{name}: is nested too deeply"]) from error
    problems = [f"{name}: {problem}" for problem in _problems(text, code, known_contents)]
    if problems:
        raise TemplateRefused(problems)
    return Template(code, name, text, hashlib.sha256(source).hexdigest())


def _place(location: tuple[int | str, ...]) -> str:
    return ".".join(str(part) for part in location) or "the file as a whole"


def _reason(message: str) -> str:
    if message == "Extra inputs are not permitted":
        return "is not a key that a template has here; check its spelling"
    return "is missing" if message == "Field required" else message.removeprefix("Value error, ")


def _problems(text: TemplateText, code: str, known_contents: Collection[str]) -> Iterator[str]:
    fields, lists = fields_of(code), lists_of(code)
    for key, words in (("subject", text.subject), ("salutation", text.salutation), ("closing", text.closing)):
        yield from _wrong(key, words, fields)
    for name, part in text.parts.items():
        at = f"parts.{name}"
        for key, words in (("heading", part.heading), ("text", part.text), ("after", part.after)):
            yield from _wrong(f"{at}.{key}", words, fields)
        for key, conditions in (("only_if", part.only_if), ("unless", part.unless)):
            for condition in conditions:
                if condition not in fields and condition not in lists:
                    yield f"{at}.{key}: there is no field {condition}; {_known([*fields, *lists])}"
        for content in part.says:
            if content not in known_contents:
                yield f"{at}.says: neither policy nor baseline knows the content {content}; {_known(known_contents)}"
        if part.each is None:
            if part.item or part.item_title is not None:
                yield f"{at}.item: belongs to a list; say which one with `each`"
        elif part.each not in lists:
            yield f"{at}.each: there is no list {part.each}; {_known(lists)}"
        else:
            for key, words in (("item_title", part.item_title), ("item", part.item)):
                yield from _wrong(f"{at}.{key}", words, lists[part.each])
            if not (part.item.strip() or part.item_title):
                yield f"{at}.item: says nothing of each item; give `item` or `item_title`"
        if not (part.text.strip() or part.each):
            yield f"{at}: has neither text nor a list"


def _wrong(at: str, words: str | None, fields: Mapping[str, str]) -> Iterator[str]:
    for found in BRACES.finditer(words or ""):
        name = found.group(1)
        if name is not None and name not in fields:
            yield f"{at}: there is no field {{{name}}}; {_known(fields)}"
        elif found.group(0) in ("{", "}"):
            yield f"{at}: a single {found.group(0)} stands there; write a field as {{name}}, and a brace itself twice"


def _known(names: Collection[str]) -> str:
    return f"there are {', '.join(sorted(set(names)))}"


def _used(words: str | None) -> Iterator[str]:
    for found in BRACES.finditer(words or ""):
        if found.group(1) is not None:
            yield found.group(1)


def write(template: Template, values: Values, lists: Lists) -> Written:
    """The letter in words. Values go in as they are, and nothing in them is looked at again."""
    blocks: list[Block] = []
    contents: dict[str, None] = {}
    for part in template.text.parts.values():
        block = _block(part, values, lists)
        if block is not None:
            blocks.append(block)
            contents.update(dict.fromkeys(part.says))
    text = template.text
    return Written(
        subject=_filled(text.subject, values) or text.subject,
        salutation=_filled(text.salutation, values) or ("Dear customer" if text.salutation else None),
        blocks=tuple(blocks),
        closing=_filled(text.closing, values),
        contents=tuple(contents),
    )


def translated(written: Written, words: str) -> Written:
    """The letter in the words of a translator: its subject, then paragraphs; a line that begins with # is a heading.

    What it says, in codes, is what the letter says that was translated.
    """
    subject, *paragraphs = _paragraphs(HEADING.sub(r"\n\1\n", words)) or (written.subject,)
    blocks: list[Block] = []
    for paragraph in paragraphs:
        if paragraph.startswith("#"):
            blocks.append(Block(paragraph.lstrip("# "), (), (), ()))
        elif blocks:
            last = blocks[-1]
            blocks[-1] = Block(last.heading, (*last.paragraphs, paragraph), (), ())
        else:
            blocks.append(Block(None, (paragraph,), (), ()))
    return Written(subject.lstrip("# "), None, tuple(blocks), None, written.contents)


def _block(part: Part, values: Values, lists: Lists) -> Block | None:
    """The part as it is read, None when it has nothing to say here."""
    if not all(_there(name, values, lists) for name in part.only_if):
        return None
    if any(_there(name, values, lists) for name in part.unless):
        return None
    text, after = _filled(part.text, values), _filled(part.after, values)
    if text is None or after is None:
        return None
    items = tuple(_items(part, lists.get(part.each, ()))) if part.each is not None else ()
    if part.each is not None and not items:
        return None
    return Block(_filled(part.heading, values), _paragraphs(text), items, _paragraphs(after))


def _there(name: str, values: Values, lists: Lists) -> bool:
    return bool(values.get(name) or lists.get(name))


def _items(part: Part, entries: Sequence[Values]) -> Iterator[Item]:
    for entry in entries:
        title = _filled(part.item_title, entry)
        filled = (_filled(line, entry) for line in part.item.splitlines())
        lines = tuple(paragraph for line in filled if line for paragraph in _paragraphs(line))
        if title or lines:
            yield Item(title, lines)


def _filled(words: str | None, values: Values) -> str | None:
    """The text with its fields; None when one of them has nothing to say."""
    if words is None:
        return None
    said: list[str] = []
    end = 0
    for found in BRACES.finditer(words):
        said.append(words[end : found.start()])
        end = found.end()
        name = found.group(1)
        if name is None:
            said.append(found.group(0)[0])
            continue
        value = values.get(name)
        if not value:
            return None
        said.append(value.replace("\n", "\n\n"))  # lines of whoever wrote it stay lines
    return "".join([*said, words[end:]])


def _paragraphs(text: str) -> tuple[str, ...]:
    """What blank lines part; a line of a value is a paragraph of its own, a line of the template goes on."""
    found = (" ".join(part.split()) for part in re.split(r"\n[ \t]*\n", text))
    return tuple(paragraph for paragraph in found if paragraph)
