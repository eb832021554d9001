"""The use cases: load a history, decide, append; and the ports through which they reach the world."""
