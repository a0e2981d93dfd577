from scanserve.preprocessing.radiograph import tags
from tests.support.tag_check import misnamed


def test_constants_are_called_as_the_dictionary_calls_them():
    assert misnamed(tags) == []
