"""The nouns: what Leitplanke counts, sends, judges and says. Imports nothing of ours."""
