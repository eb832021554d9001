"""What a landlord's policy on unreasonable contact means: facts, cases, rules, and nothing of the outside world."""
