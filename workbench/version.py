"""The version, which reports and releases name."""

__version__ = "0.1.0"
