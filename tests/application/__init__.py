"""Tests of the use cases, on a log in memory and on a real one."""
