"""The engine of the read models: it follows the log, rebuilds beside the readers, verifies, and repairs."""
