"""Reads, cleans and groups articles."""
