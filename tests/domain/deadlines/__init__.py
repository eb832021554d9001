"""Every last day, at its boundary: on it nothing went by, the day after it did. The dates are written by hand."""
