"""Detectors that are fitted offline; none yet."""
