"""Stores that keep usages with their findings."""
