"""What people's annotations become: agreement, adjudication, splits that do not leak, releases that do not change."""
