"""The HTTP interface, asked over real connections, with a real database behind it."""
