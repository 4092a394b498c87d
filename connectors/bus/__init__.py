"""Buses that carry frames between the site and the centre."""
