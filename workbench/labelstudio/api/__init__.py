"""How Label Studio is spoken to: its JSON, its HTTP API, and what a person does there before there is a token."""
