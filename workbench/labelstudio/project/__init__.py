"""The project that articles are pushed to, its tasks and its annotation guide."""
