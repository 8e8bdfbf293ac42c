"""What readers and writers of other programs' files share."""
