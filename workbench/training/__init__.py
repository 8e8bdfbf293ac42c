"""Corpus from a release, train, evaluate, promote."""
