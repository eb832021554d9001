"""Tests of the read models, without a database."""
