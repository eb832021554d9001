"""Letters as documents: the templates at hand, and the plain text and PDF that come of them."""
