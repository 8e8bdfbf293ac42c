"""Pre-annotators that stand on something else than the rules: patterns of a user, and outside models."""
