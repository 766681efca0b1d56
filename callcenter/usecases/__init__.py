"""What the hotline does: each function takes a unit of work and ports, knows no technology."""
