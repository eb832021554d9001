"""What a landlord's cases add up to, and what of it may leave the organisation."""
