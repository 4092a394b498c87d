"""One writer a product: what happened, in the words of its log or document."""
