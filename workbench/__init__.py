"""Workbench: news articles into Label Studio, corrections back, gold releases, better models."""

__version__ = "0.1.0"
