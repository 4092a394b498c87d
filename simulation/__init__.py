"""A made-up state with known truth: writes raw files in real formats."""
