import logging
import threading
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


def _overlapping(first_leaves_first: bool) -> None:
    """Two threads whose blocks overlap; each leaves only when it is told to."""
    entered = [threading.Event(), threading.Event()]
    leave = [threading.Event(), threading.Event()]

    def hold(number):
        with quiet_pydicom():
            entered[number].set()
            assert leave[number].wait(60)

    threads = [threading.Thread(target=hold, args=(number,)) for number in (0, 1)]
    for number, thread in enumerate(threads):
        thread.start()
        assert entered[number].wait(60)
    for number in (0, 1) if first_leaves_first else (1, 0):
        leave[number].set()
        threads[number].join()


@pytest.mark.parametrize("first_leaves_first", [True, False])
def test_blocks_of_two_threads_that_overlap_leave_all_as_it_was(first_leaves_first):
    _overlapping(first_leaves_first)
    with pytest.raises(UserWarning, match="heard"):  # the filter of these tests makes warnings errors
        warnings.warn("heard", stacklevel=1)


def test_a_block_holds_for_threads_that_it_starts(capsys):
    with quiet_pydicom():
        thread = threading.Thread(target=lambda: warnings.warn("a patient's value", stacklevel=1))
        thread.start()
        thread.join()
    assert capsys.readouterr().err == ""


def test_a_thread_stays_quiet_while_another_leaves(caplog):
    with quiet_pydicom():
        _overlapping(first_leaves_first=True)
        warnings.warn("a patient's value", stacklevel=1)
        logging.getLogger("openjpeg").warning("a patient's value")
    assert not caplog.records


def test_filters_that_came_later_are_gone_past():
    with quiet_pydicom():
        pass
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with quiet_pydicom():
            warnings.warn("a patient's value", stacklevel=1)


def test_the_list_of_filters_does_not_grow():
    with quiet_pydicom():
        before = len(warnings.filters)
    for number in range(3):
        warnings.filterwarnings("default", message=f"none is like this {number}")
        with quiet_pydicom():
            pass
    assert len(warnings.filters) == before + 3
