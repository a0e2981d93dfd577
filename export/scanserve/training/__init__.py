"""Training: losses, a resumable loop, and per application the recipes of its networks."""
