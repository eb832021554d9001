"""Webhooks: each event that an endpoint wants is brought to it, signed, in order of its case, until it was taken."""
