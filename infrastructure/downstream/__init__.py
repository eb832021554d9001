"""What systems outside follow: public events, made from the log when they are read, and the roads on which they go."""
