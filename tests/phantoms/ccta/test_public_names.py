import scanserve.phantoms.ccta as heart


def test_public_names():
    assert heart.__all__ == sorted(heart.__all__)
    assert all(hasattr(heart, name) for name in heart.__all__)
