"""spaCy's side: annotation sets to Docs and back, the trainable components, the model registry."""
