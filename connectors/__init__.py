"""The edges: one system per file; what comes in, goes through and goes out."""
