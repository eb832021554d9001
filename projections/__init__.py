"""Read models: pure views of a folded case, with the queries that they answer."""
