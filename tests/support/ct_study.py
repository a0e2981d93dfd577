"""Reading a folder that holds one phase, and what is said about it."""

import pytest

from scanserve.contracts import StudyError
from scanserve.preprocessing import Phase, read_study


def only_phase(folder) -> Phase:
    """The one phase of the study in ``folder``."""
    (phase,) = read_study(folder).phases
    return phase


def finding_codes(folder) -> list[str]:
    """Codes of what was noticed about the one phase."""
    return [finding.code for finding in only_phase(folder).findings]


def load_refusal(folder) -> str:
    """The code with which the one phase is not loaded."""
    with pytest.raises(StudyError) as caught:
        only_phase(folder).load()
    assert caught.value.message.startswith("phase ")
    return caught.value.code
