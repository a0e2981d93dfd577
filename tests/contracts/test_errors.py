"""The exception tree: codes, exit statuses, and crossing process borders."""

import copy
import inspect

import pytest

from scanserve.contracts import ScanserveError, errors

TREE = [getattr(errors, name) for name in errors.__all__]
KINDS = pytest.mark.parametrize("kind", TREE, ids=lambda kind: kind.__name__)


@KINDS
def test_every_error_carries_its_code_and_sentence(kind):
    error = kind("some-code", "A sentence.")

    assert isinstance(error, ScanserveError)
    assert (error.code, error.message, str(error)) == ("some-code", "A sentence.", "A sentence.")


@KINDS
def test_errors_are_rebuilt_whole(kind):
    rebuild, arguments = kind("some-code", "A sentence.").__reduce__()
    twin = rebuild(*arguments)

    assert type(twin) is kind
    assert (twin.code, twin.message) == ("some-code", "A sentence.")


def test_errors_can_be_copied():
    twin = copy.copy(errors.StudyError("empty-folder", "Nothing there."))

    assert twin.code == "empty-folder"


@KINDS
def test_exit_statuses_are_failures(kind):
    assert 1 <= kind.exit_status <= 125


def test_exit_statuses_tell_the_branches_apart():
    branches = [
        errors.InputError,
        errors.EligibilityError,
        errors.ServerError,
        errors.ResultError,
        errors.SetupError,
    ]

    assert len({kind.exit_status for kind in branches}) == len(branches)


def test_the_list_of_public_names_is_complete():
    defined = {name for name, value in vars(errors).items() if inspect.isclass(value)}

    assert defined == set(errors.__all__)
