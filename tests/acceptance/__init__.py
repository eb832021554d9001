"""Tests of the whole as a person meets it: the README's commands, run as they stand."""
