"""How far annotators agree: tokens, what two annotations share, the coefficients, and a study over many articles."""
