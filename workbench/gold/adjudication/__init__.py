"""Adjudication: what annotators of one article differ in is decided by rule or by a person, and every decision is kept."""
