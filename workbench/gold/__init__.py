"""Splits that do not leak and releases that do not change."""
