"""The golden files: stored bytes of each type and version, beside a JSON twin that says what they hold.

They are sealed with a key that is committed beside them and protects nothing else.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple
from uuid import NAMESPACE_OID, UUID, uuid5

from domain.events import FACTS, schema_version
from infrastructure.log_entries import StoredRow
from infrastructure.mapper import Mapper
from infrastructure.sealing import DataKey, KeyName, Sealing
from tests.golden.samples import PERSON, plain, sample, written

HERE = Path(__file__).parent
EVENTS = HERE / "events"


class GoldenKeys:
    """Data keys that follow from the committed key, the same ones on every machine; none is ever destroyed."""

    def __init__(self) -> None:
        self._key = bytes.fromhex((HERE / "golden.key").read_text().strip())

    def for_sealing(self, names: Collection[KeyName], begun: Collection[str] = ()) -> Mapping[KeyName, DataKey]:  # noqa: ARG002
        """The key of each name, whether its case is only `begun` or not."""
        return {name: self._of(str(uuid5(NAMESPACE_OID, json.dumps(name)))) for name in names}

    def for_opening(self, key_ids: Collection[str]) -> Mapping[str, DataKey | None]:
        """The key of each id."""
        return {key_id: self._of(key_id) for key_id in key_ids}

    def _of(self, key_id: str) -> DataKey:
        return DataKey(key_id, hmac.digest(self._key, key_id.encode(), hashlib.sha256))


class Golden(NamedTuple):
    """One stored sample, and what its twin says."""

    stored_name: str
    version: int
    state: bytes
    twin: dict[str, Any]

    def row(self) -> StoredRow:
        """The sample as a row of a log."""
        stream, at = UUID(self.twin["event"]["stream"]), self.twin["event"]["version"]
        return StoredRow(str(stream), at, self.stored_name, 0, sample(self.stored_name).recorded_at, self.state)


def golden_sealing() -> Sealing:
    """What opens the golden files."""
    return Sealing(GoldenKeys())


def corpus() -> Iterator[Golden]:
    """Every golden sample there is, by name and version."""
    for state in sorted(EVENTS.glob("*.bin")):
        stored_name, _, version = state.stem.partition(".v")
        twin = json.loads(state.with_suffix(".json").read_text())
        yield Golden(stored_name, int(version), state.read_bytes(), twin)


def missing() -> list[str]:
    """Stored names without a sample in their version of today."""
    there = {(golden.stored_name, golden.version) for golden in corpus()}
    return [name for name in FACTS if (name, schema_version(name)) not in there]


def add(stored_name: str) -> None:
    """Write the sample of a stored name in its version of today. Raises FileExistsError rather than replace one."""
    mapper = Mapper(golden_sealing())
    event = sample(stored_name)
    [stored] = mapper.encode([event], lambda _: PERSON)
    twin = {
        "type": stored_name,
        "schema_version": schema_version(stored_name),
        "event": plain(event, written),
    }
    file = EVENTS / f"{stored_name}.v{schema_version(stored_name)}.bin"
    with file.with_suffix(".json").open("x") as text:
        json.dump(twin, text, indent=1, ensure_ascii=False)
        text.write("\n")
    with file.open("xb") as state:
        state.write(stored.state)
