"""The client for systems that follow."""
