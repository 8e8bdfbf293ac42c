"""What the project is about: frozen types and pure rules, without input or output."""
