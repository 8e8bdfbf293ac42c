"""From the server to the store: what people did, and what does not fit."""
