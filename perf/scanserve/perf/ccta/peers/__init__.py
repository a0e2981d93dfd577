"""What other libraries do for the same work as ours, each in a module of its own."""
