"""Everything that touches the world: database, clock, network, files and the command line."""
