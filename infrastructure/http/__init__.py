"""The HTTP interface: routes, statuses, problem details and the callers' tokens."""
