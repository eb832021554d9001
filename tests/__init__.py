"""The service, put to the test: by its words, by its rules and by its faults."""
