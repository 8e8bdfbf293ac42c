"""What is in the store, shown: history, corrections, what suggestions save, what another scheme would take away."""
