import pytest

from scanserve.preprocessing.ct.kernels import kernel_sharpness


@pytest.mark.parametrize(
    ("smooth", "sharp"),
    [
        ("B26f", "B46f"),
        ("Bv36", "Bv49"),
        ("STANDARD", "DETAIL"),
        ("SOFT", "LUNG"),
        ("B", "D"),
        ("FC03", "FC52"),
    ],
)
def test_smoother_kernels_rank_lower(smooth, sharp):
    assert kernel_sharpness(smooth) < kernel_sharpness(sharp)


def test_unknown_kernels_rank_in_the_middle():
    assert (
        kernel_sharpness("SOFT")
        < kernel_sharpness("")
        == kernel_sharpness("weird")
        < kernel_sharpness("BONE")
    )
