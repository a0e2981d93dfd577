import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanserve.geometry import rotation_minimizing_frames, smooth_path

T = np.linspace(0, 4 * np.pi, 1601)


def helix(radius=10.0, pitch=2.0, t=T):
    return np.stack([radius * np.cos(t), radius * np.sin(t), pitch * t], axis=1)


def matrices(frames):
    return np.stack([frames.tangents, frames.normals, frames.binormals], axis=1)


def tortuous(seed, count=400):
    rng = np.random.default_rng(seed)
    walk = np.cumsum(rng.normal(size=(count, 3)), axis=0)
    return smooth_path(walk, 60.0) * 3


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 50))
def test_frames_are_right_handed_and_orthonormal(seed):
    axes = matrices(rotation_minimizing_frames(tortuous(seed)))
    np.testing.assert_allclose(
        axes @ axes.transpose(0, 2, 1), np.broadcast_to(np.eye(3), axes.shape), atol=1e-9
    )
    np.testing.assert_allclose(np.linalg.det(axes), 1.0)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 50))
def test_normals_do_not_turn_about_the_tangent(seed):
    """What defines the frame: the change of the normal has no part along the binormal."""
    frames = rotation_minimizing_frames(tortuous(seed))
    change = np.diff(frames.normals, axis=0)
    binormal = (frames.binormals[1:] + frames.binormals[:-1]) / 2
    turned = np.abs(np.einsum("ij,ij->i", change, binormal))
    assert turned.max() < 0.05 * np.linalg.norm(np.diff(frames.tangents, axis=0), axis=1).max()


def test_planar_circle_comes_back_to_its_start():
    t = np.linspace(0, 2 * np.pi, 201)
    circle = np.stack([np.cos(t), np.sin(t), 0 * t], axis=1) * 20
    frames = rotation_minimizing_frames(circle)
    np.testing.assert_allclose(frames.normals, np.tile([0, 0, 1.0], (201, 1)), atol=1e-6)


def test_helix_turns_against_frenet_by_its_torsion():
    """Bishop 1975: the angle between the two frames grows with the torsion, here p / (r^2 + p^2) per mm."""
    radius, pitch = 10.0, 2.0
    frames = rotation_minimizing_frames(helix(radius, pitch))
    frenet = np.stack([-np.cos(T), -np.sin(T), 0 * T], axis=1)
    along_u = np.einsum("ij,ij->i", frenet, frames.normals)
    along_v = np.einsum("ij,ij->i", frenet, frames.binormals)
    twist = np.unwrap(np.arctan2(along_v, along_u))
    expected = pitch / np.hypot(radius, pitch) * T
    inner = slice(2, -2)  # tangents of the outermost points are one-sided
    np.testing.assert_allclose((twist - twist[800])[inner], (expected - expected[800])[inner], atol=2e-3)


def test_it_is_the_published_recurrence():
    """Table I of Wang et al. 2008, step by step."""
    points = tortuous(3)
    frames = rotation_minimizing_frames(points)
    normal = frames.normals[0]
    for i in range(len(points) - 1):
        v1 = points[i + 1] - points[i]
        r = normal - 2 / (v1 @ v1) * (v1 @ normal) * v1
        t = frames.tangents[i] - 2 / (v1 @ v1) * (v1 @ frames.tangents[i]) * v1
        v2 = frames.tangents[i + 1] - t
        normal = r - 2 / (v2 @ v2) * (v2 @ r) * v2
        np.testing.assert_allclose(frames.normals[i + 1], normal, atol=1e-9)


def test_moving_and_turning_the_curve_turns_the_frames():
    turn = np.linalg.qr(np.random.default_rng(5).normal(size=(3, 3)))[0]
    turn *= np.linalg.det(turn)
    points, first = helix(), np.array([0.3, 1.0, 0.2])
    plain = rotation_minimizing_frames(points, first_normal=first)
    moved = rotation_minimizing_frames(points @ turn.T + [5, 6, 7], first_normal=turn @ first)
    np.testing.assert_allclose(moved.normals, plain.normals @ turn.T, atol=1e-6)


def test_straight_line_has_constant_frames():
    frames = rotation_minimizing_frames(np.linspace([0, 0, 0], [30, 40, 0], 50))
    np.testing.assert_allclose(frames.tangents, np.tile([0.6, 0.8, 0], (50, 1)), atol=1e-12)
    np.testing.assert_allclose(frames.normals, np.tile([0, 0, 1.0], (50, 1)), atol=1e-12)


def test_vertical_start_takes_posterior():
    frames = rotation_minimizing_frames(np.linspace([0, 0, 0], [0, 0, -30], 10))
    np.testing.assert_allclose(frames.normals[0], [0, 1, 0], atol=1e-12)


@pytest.mark.parametrize("axis", range(3))
def test_lines_along_axes_are_no_special_case(axis):
    line = np.linspace(np.zeros(3), 10 * np.eye(3)[axis], 5)
    axes = matrices(rotation_minimizing_frames(line, first_normal=[1, 1, 1]))
    np.testing.assert_allclose(
        axes @ axes.transpose(0, 2, 1), np.broadcast_to(np.eye(3), axes.shape), atol=1e-12
    )
