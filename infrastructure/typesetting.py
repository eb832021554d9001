"""A typst template and some data become a PDF that screen readers can follow.

Templates may be a landlord's own, so each is set in a process of its own: it ends after a time, takes only so much
memory, reads no file outside the template's folder, and reaches no network.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from contextlib import suppress
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal, cast

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

SECONDS: Final = 30  # a letter takes about 0.2; what takes this long does not end
MEMORY: Final = 2 * 1024**3  # bytes of address space, most of it never touched
FILES: Final = 200  # in a template's folder, so that looking through it ends
LONGEST: Final = 4 * 1024**2  # characters of data

# The child: read what is wanted from standard input, write the PDF or, after _REFUSED, what was wrong as JSON.
_REFUSED: Final = 3
# typst fetches what a template imports from a registry of packages. This is where it is sent instead: nobody is there.
_NOWHERE: Final = "http://127.0.0.1:1"
_NO_PACKAGES: Final = os.devnull


class TypesettingFailed(Exception):
    """A template that cannot be set with this data. Says what is wrong and in which line; holds no value of the data.

    `place` is "name.typ:line", or "" where typst knows none.
    """

    def __init__(self, what: str, place: str = "") -> None:
        super().__init__(f"{place}: {what}" if place else what)
        self.what = what
        self.place = place


def typeset(
    template: Path,
    data: Mapping[str, Any],
    *,
    pdf_standard: Literal["ua-1", "1.7"] = "ua-1",
    dated: date | None = None,
    fonts: Path | None = None,
) -> bytes:
    """The PDF of a template, which finds `data` in `json(bytes(sys.inputs.data))`.

    The template reads what lies in its own folder and below, nothing else, and knows the fonts that come with typst and
    those of the folder `fonts`. `dated` is the day that the document says it was made on; the same arguments give the
    same bytes. Raises TypesettingFailed for a template that is wrong, does not fit the data, lacks what `pdf_standard`
    asks for (a title, words for a picture), or takes too long.
    """
    text = json.dumps(data, ensure_ascii=False)
    if len(text) > LONGEST:
        raise TypesettingFailed(f"there are more than {LONGEST} characters of data")
    root = template.parent.resolve()
    _keep_inside(root)
    when = datetime.combine(dated, time(), tzinfo=UTC) if dated else datetime.fromtimestamp(0, UTC)
    wanted = {
        "template": template.name,
        "root": str(root),
        "data": text,
        "standard": pdf_standard,
        "timestamp": int(when.timestamp()),
        "fonts": [] if fonts is None else [str(fonts.resolve())],
    }
    try:
        done = subprocess.run(  # noqa: S603 - this very file, with this very Python
            [sys.executable, "-I", __file__],
            input=json.dumps(wanted).encode(),
            capture_output=True,
            check=False,
            timeout=SECONDS,
            cwd=root,
            env={"ALL_PROXY": _NOWHERE, "HTTPS_PROXY": _NOWHERE, "HTTP_PROXY": _NOWHERE},
        )
    except subprocess.TimeoutExpired:
        raise TypesettingFailed(f"it was not done after {SECONDS} seconds") from None
    if done.returncode == 0:
        return done.stdout
    if done.returncode != _REFUSED:
        cause = signal.Signals(-done.returncode).name if done.returncode < 0 else f"exit {done.returncode}"
        raise TypesettingFailed(f"typst broke off ({cause}), as it does when it needs too much memory")
    refusal = json.loads(done.stdout)
    raise TypesettingFailed(_without_values(refusal["what"], data), refusal["place"])


def _keep_inside(root: Path) -> None:
    """Typst keeps paths inside the folder by their names; a link in there would still lead out of it."""
    for count, entry in enumerate(root.rglob("*")):
        if count == FILES:
            raise TypesettingFailed(f"the template's folder holds more than {FILES} files")
        if entry.is_symlink():
            raise TypesettingFailed("the template's folder holds a link: put the file itself there")


def _without_values(what: str, data: object) -> str:
    """Typst may quote what it could not use, and that may be somebody's name."""
    for value in sorted(set(_texts(data)), key=len, reverse=True):
        what = what.replace(value, "…")
    return what


def _texts(data: object) -> Iterator[str]:
    match data:
        case str() if len(data) > 1:
            yield data
            # However it is quoted.
            yield json.dumps(data, ensure_ascii=False)[1:-1]
        case dict():
            for value in data.values():
                yield from _texts(value)
        case list() | tuple():
            for value in data:
                yield from _texts(value)


def _limit() -> None:
    """No more memory and time than a document needs, where the system can see to that."""
    with suppress(ImportError, ValueError, OSError):
        import resource  # noqa: PLC0415 - absent on some systems

        for limit, most in ((resource.RLIMIT_CPU, SECONDS), (resource.RLIMIT_AS, MEMORY)):
            resource.setrlimit(limit, (most, most))


def _set() -> int:
    """The child's work."""
    import typst  # noqa: PLC0415 - it is large, and the service itself never needs it

    _limit()
    wanted = json.load(sys.stdin)
    try:
        pdf = typst.Compiler(
            root=wanted["root"],
            font_paths=wanted["fonts"],
            ignore_system_fonts=True,
            sys_inputs={"data": wanted["data"]},
            package_path=_NO_PACKAGES,
            package_cache_path=_NO_PACKAGES,
        ).compile(
            str(Path(wanted["root"]) / wanted["template"]),
            format="pdf",
            pdf_standards=[wanted["standard"]],
            timestamp=wanted["timestamp"],
        )
    except typst.TypstError as error:
        what = "; ".join([error.message, *error.hints])
        sys.stdout.write(json.dumps({"what": what, "place": _place(error.diagnostic)}))
        return _REFUSED
    sys.stdout.buffer.write(cast("bytes", pdf))
    return 0


def _place(diagnostic: str) -> str:
    """File and line out of what typst draws: "┌─ letter.typ:3:6"."""
    _, found, after = diagnostic.partition("┌─ ")
    return after.split("\n", 1)[0].strip().rsplit(":", 1)[0] if found else ""


if __name__ == "__main__":
    sys.exit(_set())
