"""Reports as they are read from the log and given out: as JSON, CSV and PDF."""
