"""Network logs: one file a system, signal `network`."""
