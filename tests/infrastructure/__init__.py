"""Tests against the real parts that the service stands on."""
