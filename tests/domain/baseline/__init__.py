"""What holds for every landlord: each enforced rule refuses the wrong thing and lets the right one pass."""
