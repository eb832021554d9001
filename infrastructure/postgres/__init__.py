"""PostgreSQL: the embedded server and the numbered migrations."""
