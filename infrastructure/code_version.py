"""Which release this is, as it is noted beside what it did."""

from __future__ import annotations

from importlib.metadata import version
from typing import Final

CODE_VERSION: Final = version("evenhand")
