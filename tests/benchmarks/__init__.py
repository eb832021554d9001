"""What the log costs, measured beside a peer in the same run: `make bench`."""
