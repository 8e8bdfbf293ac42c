"""One module for each format that a release is exported to or imported from."""
