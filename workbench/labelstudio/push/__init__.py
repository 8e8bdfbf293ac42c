"""From the store to the server: tasks and suggestions, each exactly once."""
