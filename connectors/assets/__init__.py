"""Inventories and scans: one file a system, signal `assets`."""
