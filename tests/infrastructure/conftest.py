"""What tests of the outer parts share: folders that a real server can live in."""

import uuid
from pathlib import Path

import pytest


@pytest.fixture
def data_folder(reachable_folder: Path) -> Path:
    """The path of a data folder that is not there yet; removed with all others at the end of the run."""
    return reachable_folder / uuid.uuid4().hex[:8]
