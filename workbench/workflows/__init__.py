"""What joins rooms."""
