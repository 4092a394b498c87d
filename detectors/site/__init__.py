"""Detectors on events, at the site: features of a window."""
