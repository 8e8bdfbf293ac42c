"""What happened: the words that name events, who takes part in them, and whether they happened."""
