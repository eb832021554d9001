"""Letters as documents."""
