"""Training: losses, a resumable loop, and the recipes of each application's networks."""
