"""What is in the store, shown: history, corrections, status, scores."""
