"""The cold-start rules: a parse read word by word, with tables of words, names and weights."""
