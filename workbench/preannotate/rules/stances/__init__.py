"""Who is for or against what: the words that show it, and those who are judged."""
