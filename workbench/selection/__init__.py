"""What is annotated next: which articles, and in which order."""
