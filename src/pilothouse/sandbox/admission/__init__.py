"""What the server adds to objects and refuses of them."""
