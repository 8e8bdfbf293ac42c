"""The embedded server, the client, conversion, push and pull. Label Studio's JSON is known here only."""
