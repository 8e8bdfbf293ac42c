"""Who, what, where and when: mentions of entities."""
