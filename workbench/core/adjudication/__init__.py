"""What several annotators made of one article, merged: decided by rule, or left to a person. Pure."""
