"""The road by a message broker: NATS JetStream, with a stream and credentials of its own for each landlord."""
