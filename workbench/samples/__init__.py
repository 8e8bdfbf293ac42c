"""The sample corpus with its gold, and the label scheme and schemas that ship."""
