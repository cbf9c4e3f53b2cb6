"""Go's value model, formatting and small standard-library rules, as templates see them."""
