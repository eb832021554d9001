"""Adds the schemas of public events that are missing, and writes the AsyncAPI document and the list of types.

`python -m tests.golden.make_schemas`. A schema that is there is never changed: those who follow hold us to it.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from domain.public import PUBLIC

if TYPE_CHECKING:
    from collections.abc import Mapping

HERE = Path(__file__).parent
RELEASED = HERE / "schemas"
HASHES = HERE / "schema_hashes.json"
ASYNCAPI = HERE / "asyncapi.json"
EVENTS = HERE.parents[1] / "docs" / "events.md"
SUPERSEDED = HERE.parents[1] / "infrastructure" / "downstream" / "superseded"


def keep_superseded() -> list[str]:
    """Put the files of earlier versions where the service finds them; the names of those that were new there."""
    kept = []
    for told in PUBLIC.values():
        for earlier in told.earlier:
            name = f"{told.name}.{earlier.version}.json"
            if not (SUPERSEDED / name).exists():
                SUPERSEDED.mkdir(exist_ok=True)
                shutil.copy(RELEASED / name, SUPERSEDED / name)
                kept.append(name)
    return kept


def schema_texts() -> dict[str, str]:
    """What the schemas say today, by the name of their file."""
    schemas, envelope = _now().schemas, _now().envelope
    texts = {schemas.file_name(*place): schemas.as_text(schema) for place, schema in schemas.SCHEMAS.items()}
    return texts | {schemas.file_name(envelope.CLOUDEVENT, envelope.VERSION): schemas.as_text(envelope.ENVELOPE)}


def asyncapi_text() -> str:
    """The AsyncAPI document as it is kept."""
    text: str = _now().schemas.as_text(_now().asyncapi.document())
    return text


def events_text() -> str:
    """The page that lists the public types."""
    page: str = _now().event_list.page()
    return page


def _now() -> Any:
    """The modules that make the documents. They refuse to load while the file of an earlier version is missing."""
    from infrastructure.downstream import asyncapi, envelope, event_list, schemas  # noqa: PLC0415 - hence not at the top

    return SimpleNamespace(asyncapi=asyncapi, envelope=envelope, event_list=event_list, schemas=schemas)


def digest(text: str) -> str:
    """By which a released schema is known again."""
    return hashlib.sha256(text.encode()).hexdigest()


def add_schemas(folder: Path, hashes: Mapping[str, str]) -> dict[str, str]:
    """Write the schemas whose files are missing; the hashes, with theirs."""
    folder.mkdir(exist_ok=True)
    known = dict(hashes)
    for name, text in schema_texts().items():
        if not (folder / name).exists():
            (folder / name).write_text(text, encoding="utf-8")
            known[name] = digest(text)
    return dict(sorted(known.items()))


def main() -> None:
    """Write what is missing, and say what was written."""
    for name in keep_superseded():  # before the schemas are loaded, which look for them
        sys.stdout.write(f"kept {name} beside the code\n")
    before = json.loads(HASHES.read_text(encoding="utf-8")) if HASHES.exists() else {}
    after = add_schemas(RELEASED, before)
    HASHES.write_text(json.dumps(after, indent=1) + "\n", encoding="utf-8")
    ASYNCAPI.write_text(asyncapi_text(), encoding="utf-8")
    EVENTS.write_text(events_text(), encoding="utf-8")
    sys.stdout.write(f"{len(after) - len(before)} schemas added to {RELEASED}\n")


if __name__ == "__main__":
    main()
