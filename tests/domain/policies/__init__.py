"""Tests of what each landlord's policy asks, one landlord after the other."""
