"""Purchase documents: one file a system, signal `procurement`."""
