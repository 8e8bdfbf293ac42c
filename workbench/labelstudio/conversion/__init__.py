"""Articles and annotation sets as Label Studio's JSON, and back."""
