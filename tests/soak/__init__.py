"""The engine for longer than a test lasts: many landlords at once, and random trouble with real processes."""
