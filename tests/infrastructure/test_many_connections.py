"""A service takes as many connections as its machine lets it, and not as many as a shell is given at first."""

from __future__ import annotations

import resource

import pytest

from infrastructure.service import MANY_FILES, listening

FEW = 512


def test_a_service_that_listens_may_open_as_many_files_as_it_can() -> None:
    soft, most = before = resource.getrlimit(resource.RLIMIT_NOFILE)
    if most != resource.RLIM_INFINITY and most <= FEW:
        pytest.skip("a process may open few files here, whatever it asks for")
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(soft, FEW), most))
    try:
        with listening("127.0.0.1", 0):
            wanted = MANY_FILES if most == resource.RLIM_INFINITY else min(MANY_FILES, most)
            assert resource.getrlimit(resource.RLIMIT_NOFILE) == (wanted, most)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)
