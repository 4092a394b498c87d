"""The steps from raw data to findings, and what runs them."""
