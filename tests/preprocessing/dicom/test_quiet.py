import logging
import warnings

import pytest

from scanserve.preprocessing.dicom import quiet_pydicom


def test_nothing_is_said_within(caplog):
    with caplog.at_level(logging.DEBUG), quiet_pydicom():
        warnings.warn("a patient's value", stacklevel=1)
        logging.getLogger("pydicom").warning("a patient's value")
    assert not caplog.records


def test_other_loggers_are_left_alone(caplog):
    with quiet_pydicom():
        logging.getLogger("scanserve").warning("heard")
    assert [record.message for record in caplog.records] == ["heard"]


def test_all_is_as_before_afterwards_even_after_an_error(caplog):
    with pytest.raises(ValueError, match="once"), quiet_pydicom():
        raise ValueError("once")
    logging.getLogger("pydicom").warning("heard")
    assert [record.message for record in caplog.records] == ["heard"]
    with pytest.warns(UserWarning, match="heard"):
        warnings.warn("heard", stacklevel=1)
