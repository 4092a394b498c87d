"""Judgement: rules and models on usages, grade and urgency."""
