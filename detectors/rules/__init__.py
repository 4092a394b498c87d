"""Detectors that ask a question of usages by logic, one file each."""
