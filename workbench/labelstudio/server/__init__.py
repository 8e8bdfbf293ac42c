"""The embedded server: its installation, its process, its owner and its annotators, and what can be wrong with it."""
