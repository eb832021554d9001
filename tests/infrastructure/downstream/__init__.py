"""Tests of what systems outside follow, and of the roads on which it goes."""
