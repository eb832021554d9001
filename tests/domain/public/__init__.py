"""What is told outside of each fact."""
