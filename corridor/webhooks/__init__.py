"""What other programs are told: events as JSON, and webhooks that bring them."""
