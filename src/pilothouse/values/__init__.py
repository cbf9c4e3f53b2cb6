"""Values: layers, assignments, coalescing, schemas."""
