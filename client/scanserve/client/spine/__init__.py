"""Vertebra keypoints: corners of 17 vertebrae in a frontal film of the spine, corrected by dragging one of them."""
