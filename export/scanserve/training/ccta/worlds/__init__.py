"""Randomised worlds: hearts that no patient has, so that any patient's lies among them (Billot et al. 2023, SynthSeg).

A *scene* is a background with the lines of a coronary tree: a phantom heart, or a real CT into which the tree of a
phantom is laid.  A *world* is a scene turned, scaled, deformed, recoloured and cluttered at random, with its vessels
painted, on the working grid.
"""

from scanserve.training.ccta.worlds.scene import Scene, Tree, phantom_scene
from scanserve.training.ccta.worlds.world import World, make_world

__all__ = ["Scene", "Tree", "World", "make_world", "phantom_scene"]
