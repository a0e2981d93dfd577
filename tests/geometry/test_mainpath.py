import numpy as np

from scanserve.client.ccta.options import CORONARY
from scanserve.geometry import spanning_tree
from scanserve.geometry.mainpath import split_into_paths
from tests.support import drawing

OPTIONS = CORONARY.tree.fork


FORK = """
    ....######################
    ...#......................
    ###.......................
    ...#......................
    ....################......
"""


def test_main_path_takes_the_heavier_child_not_the_longer_one():
    graph = spanning_tree(drawing.drawn(FORK))
    root = int(graph.points[:, 0].argmin())
    lower = graph.points[:, 1] > 2
    main = split_into_paths(graph, root, np.where(lower, 9.0, 1.0), OPTIONS)[0]
    assert graph.points[main[-1]].tolist() == [19, 4, 0]
    assert split_into_paths(graph, root, np.ones(len(graph)), OPTIONS)[0][-1] == graph.points[:, 0].argmax()


def test_a_short_hot_twig_is_no_main_path():
    graph = spanning_tree(drawing.drawn(FORK.replace("################......", "##########............")))
    root = int(graph.points[:, 0].argmin())
    main = split_into_paths(graph, root, np.where(graph.points[:, 1] > 2, 9.0, 1.0), OPTIONS)[0]
    assert main[-1] == graph.points[:, 0].argmax()


def test_main_path_goes_straight_on_where_children_are_alike():
    graph = spanning_tree(
        drawing.drawn("""
        .........#......
        .........#......
        .........#......
        .........#......
        .........#......
        .........#......
        ########.#......
        ........########
    """)
    )
    root = int(np.flatnonzero(graph.points[:, 0] == 0)[0])
    main = split_into_paths(graph, root, np.ones(len(graph)), OPTIONS)[0]
    assert graph.points[main[-1]].tolist() == [15, 7, 0]


def test_paths_share_only_their_attachments():
    graph = spanning_tree(drawing.drawn(FORK))
    root = int(graph.points[:, 0].argmin())
    first, second = split_into_paths(graph, root, np.ones(len(graph)), OPTIONS)
    assert set(first) & set(second) == {second[0]}
    assert sorted({*first, *second}) == list(range(len(graph)))
