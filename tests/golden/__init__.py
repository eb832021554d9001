"""One stored sample of every fact and version that ever landed: what they hold must stay readable for good."""
