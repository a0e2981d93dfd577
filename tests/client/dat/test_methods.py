import pytest

from scanserve.client.dat.methods import DEFAULT, METHODS, check_methods, denoiser_named, models_of
from scanserve.contracts import InputError
from scanserve.contracts.dat import NETWORKS


def test_every_network_and_both_filters_are_methods():
    assert set(METHODS) == {"gaussian", "bilateral", *NETWORKS}
    for name in METHODS:
        assert denoiser_named(name, lambda spec, inputs: {}).name == name
    check_methods(METHODS)


def test_only_networks_need_models():
    assert models_of(("gaussian", "bilateral")) == ()
    assert [spec.name for spec in models_of(("gaussian", DEFAULT))] == [DEFAULT]


@pytest.mark.parametrize(
    ("names", "code"),
    [(("unet",), "unknown-method"), ((), "repeated-method"), ((DEFAULT, DEFAULT), "repeated-method")],
)
def test_other_names_are_refused(names, code):
    with pytest.raises(InputError) as caught:
        check_methods(names)
    assert caught.value.code == code
