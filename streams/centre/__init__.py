"""At the centre: observations to findings."""
